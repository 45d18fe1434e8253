/** Vite puts them into a file of styles. */
declare module '*.css';
