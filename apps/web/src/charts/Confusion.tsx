import { count } from '../format.js';

interface Props {
  classes: readonly string[];
  /** Images, `[true class][predicted class]`. */
  matrix: readonly (readonly number[])[];
}

/** How the images of each class were taken: rows are true classes, columns are predicted ones. */
export function Confusion({ classes, matrix }: Props) {
  return (
    <table className="confusion">
      <caption>Confusion matrix: rows are the true classes, columns the predicted ones</caption>
      <thead>
        <tr>
          <td />
          {classes.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {matrix.map((row, truth) => {
          const total = row.reduce((sum, images) => sum + images, 0) || 1;
          return (
            <tr key={classes[truth]}>
              <th scope="row">{classes[truth]}</th>
              {row.map((images, predicted) => (
                <td
                  key={classes[predicted]}
                  className={truth === predicted ? 'right' : 'wrong'}
                  style={{ '--share': images / total } as React.CSSProperties}
                  title={`${count(images)} images of ${classes[truth]} were taken for ${classes[predicted]}`}
                >
                  {images || ''}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
