"""Writes the small sets of this folder with the tools that people have, and what these tools read back (expected.json).

Needs numpy, scipy, torch and torchvision. Run it here: python make.py
"""
import gzip, hashlib, json, os, pickle, shutil, struct
import numpy as np
import scipy.io
import torchvision.datasets as tv

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(7)
expected = {}


def folder(name):
    path = os.path.join(here, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def pictures(count, height, width, channels=None):
    """Smooth pictures, which compress well."""
    y, x = np.mgrid[0:height, 0:width]
    out = []
    for _ in range(count):
        planes = []
        for _ in range(channels or 1):
            a, b, c = rng.integers(1, 9, 3)
            planes.append(((x * a + y * b) * 255 // (width * a + height * b) + c * 20) % 256)
        out.append(np.stack(planes, -1) if channels else planes[0])
    return np.stack(out).astype(np.uint8)


def digest(image):
    return hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest()


def read_back(name, splits, classes=None):
    """Labels and the digest of each image, as height x width x channels bytes, in the order of the library."""
    expected[name] = {'classes': classes}
    for split, data in splits.items():
        rows = [(np.asarray(image), int(label)) for image, label in data]
        expected[name][split] = [
            {'label': label, 'shape': list(image.shape), 'sha256': digest(image)} for image, label in rows
        ]


def idx(path, array):
    with (gzip.open(path, 'wb') if path.endswith('.gz') else open(path, 'wb')) as file:
        file.write(struct.pack('>HBB', 0, 8, array.ndim) + struct.pack('>' + 'I' * array.ndim, *array.shape))
        file.write(array.tobytes())


def mnist():
    raw = folder('mnist/MNIST/raw')
    for split, count in (('train', 12), ('t10k', 6)):
        idx(f'{raw}/{split}-images-idx3-ubyte', pictures(count, 28, 28))
        idx(f'{raw}/{split}-labels-idx1-ubyte', np.arange(count, dtype=np.uint8) % 3)
    root = os.path.join(here, 'mnist')
    read_back('mnist', {'train': tv.MNIST(root, train=True), 'test': tv.MNIST(root, train=False)})
    zipped = folder('fashion')
    for name in os.listdir(raw):
        with open(f'{raw}/{name}', 'rb') as file, gzip.open(f'{zipped}/{name}.gz', 'wb') as out:
            out.write(file.read())
    expected['fashion'] = expected['mnist']


def cifar(name, kind, protocol):
    root = folder(name)
    base = os.path.join(root, kind.base_folder)
    os.makedirs(base)
    fine = kind is tv.CIFAR100
    kind._check_integrity = lambda self: True  # These are no copies of the official files.

    def batch(file, count, **more):
        data = pictures(count, 32, 32, 3).transpose(0, 3, 1, 2).reshape(count, 3072)
        labels = list(range(count))
        content = {'data': data, 'filenames': [f'{i}.png' for i in range(count)], 'batch_label': file, **more}
        coarse = [i // 2 for i in labels]
        content.update({'fine_labels': labels, 'coarse_labels': coarse} if fine else {'labels': labels})
        with open(os.path.join(base, file), 'wb') as out:
            pickle.dump(content, out, protocol=protocol)

    if fine:
        batch('train', 6)
        batch('test', 4)
        meta = {'fine_label_names': [f'fine {i}' for i in range(6)], 'coarse_label_names': ['ä', 'b', 'c']}
    else:
        for number in range(1, 6):
            batch(f'data_batch_{number}', 3)
        batch('test_batch', 3)
        meta = {'label_names': list('abcdefghij')}
    with open(os.path.join(base, 'meta' if fine else 'batches.meta'), 'wb') as out:
        pickle.dump(meta, out, protocol=protocol)
    kind._load_meta = lambda self: setattr(self, 'classes', meta[self.meta['key']])
    read_back(name, {'train': kind(root, train=True), 'test': kind(root, train=False)}, meta[kind.meta['key']])


def stl10():
    root = folder('stl10')
    base = os.path.join(root, 'stl10_binary')
    os.makedirs(base)
    for split, count in (('train', 3), ('test', 2)):
        # Column-major: planes of columns.
        pictures(count, 96, 96, 3).transpose(0, 3, 2, 1).tofile(f'{base}/{split}_X.bin')
        (np.arange(count, dtype=np.uint8) + 1).tofile(f'{base}/{split}_y.bin')
    with open(f'{base}/class_names.txt', 'w') as file:
        file.write('airplane\nbird\ncar\n')
    tv.STL10._check_integrity = lambda self: True
    read_back('stl10', {s: tv.STL10(root, split=s) for s in ('train', 'test')}, ['airplane', 'bird', 'car'])


def svhn():
    root = folder('svhn')
    for split, count in (('train', 5), ('test', 3)):
        images = pictures(count, 32, 32, 3).transpose(1, 2, 3, 0)
        labels = np.array([10, 1, 2, 9, 10][:count], dtype=np.uint8).reshape(-1, 1)
        scipy.io.savemat(f'{root}/{split}_32x32.mat', {'X': images, 'y': labels}, do_compression=split == 'train')
    tv.SVHN._check_integrity = lambda self: True
    tv.svhn.check_integrity = lambda path, md5: True
    read_back('svhn', {s: tv.SVHN(root, split=s) for s in ('train', 'test')})


def npz():
    base = folder('npz')
    x, y = pictures(9, 10, 12), np.arange(9) % 3
    colour = pictures(9, 10, 12, 3)
    # As keras.datasets.mnist has it.
    np.savez(f'{base}/keras.npz', x_train=x[:6], y_train=y[:6], x_test=x[6:], y_test=y[6:])
    read_back('keras.npz', {'train': zip(x[:6], y[:6]), 'test': zip(x[6:], y[6:])})
    # As MedMNIST has it: compressed, labels [n, 1], with a validation split.
    np.savez_compressed(
        f'{base}/medmnist.npz',
        **{f'{s}_images': colour[i : i + 3] for i, s in ((0, 'train'), (3, 'val'), (6, 'test'))},
        **{f'{s}_labels': y[i : i + 3].reshape(-1, 1) for i, s in ((0, 'train'), (3, 'val'), (6, 'test'))},
    )
    thirds = ((0, 'train'), (3, 'validation'), (6, 'test'))
    read_back('medmnist.npz', {s: zip(colour[i : i + 3], y[i : i + 3]) for i, s in thirds})
    halves = {'train': zip(colour[:6], y[:6]), 'test': zip(colour[6:], y[6:])}
    floats = (colour / 255).astype('<f4')
    one_hot = np.eye(3)[y]
    np.savez(f'{base}/floats.npz', X_train=floats[:6], Y_train=one_hot[:6], X_test=floats[6:], Y_test=one_hot[6:])
    read_back('floats.npz', halves)
    first = colour.transpose(0, 3, 1, 2)
    np.savez(
        f'{base}/odd.npz',
        train_x=np.asfortranarray(first[:6]).astype('>u2'),
        train_y=np.array(['ape', 'bär', 'cat'])[y[:6]],
        test_x=first[6:].astype('>i8'),
        test_y=np.array(['ape', 'bär', 'cat'])[y[6:]],
    )
    expected['odd.npz'] = {**expected['floats.npz'], 'classes': ['ape', 'bär', 'cat']}
    objects = np.empty(2, dtype=object)
    objects[:] = [x[0], x[1][:5]]
    np.savez(f'{base}/objects.npz', x_train=objects, y_train=y[:2])
    np.savez(f'{base}/unnamed.npz', colour, y)


mnist()
for name, kind, protocol in (
    ('cifar10-p2', tv.CIFAR10, 2),
    ('cifar10-p5', tv.CIFAR10, 5),
    ('cifar100-p4', tv.CIFAR100, 4),
):
    cifar(name, kind, protocol)
stl10()
svhn()
npz()
with open(os.path.join(here, 'expected.json'), 'w') as file:
    json.dump(expected, file, ensure_ascii=False, separators=(',', ':'))
    file.write('\n')
