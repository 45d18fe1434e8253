const login = /(:\/\/[^\s"'/@:]*):[^\s"'/]+@/g;
const parameter = /([?&][a-z]*password=)[^\s"'&]+/gi;

/** The text with the passwords of its URLs replaced by `***`. */
export const maskSecrets = (text: string): string => text.replace(login, '$1:***@').replace(parameter, '$1***');
