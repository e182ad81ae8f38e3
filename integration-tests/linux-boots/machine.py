"""One boot in QEMU: command line, initramfs, log."""
import glob
import gzip
import io
import json
import os
import stat
import subprocess
import time

import trees

HERE = os.path.dirname(os.path.abspath(__file__))
KERNELS = json.load(open(os.path.join(HERE, 'kernels.json')))
PCI = {  # name: (QEMU device, vendor:device, creates)
    'rng': ('virtio-rng-pci,disable-legacy=on,iommu_platform=on', '1af4:1044', 'virtio:d00000004'),
    'plainrng': ('virtio-rng-pci', '1af4:1005', 'virtio:d00000004'),
    'iommu': ('virtio-iommu-pci', '1af4:1057', 'virtio:d00000017'),
    'edu': ('edu', '1234:11e8', None),
    'bridge': ('pcie-pci-bridge', '1b36:000e', None),
    'port': ('pcie-root-port,chassis=1', '1b36:000c', None),
}
MODULE_OF = {'virtio:d00000004': 'virtio_rng', 'virtio:d00000017': 'virtio_iommu'}


def devices(experiment):
    """QEMU arguments of the devices of an experiment."""
    args = []
    for entry in experiment.get('pci', []):
        kind, addr, *more = entry.split('@')
        args += ['-device', PCI[kind][0] + ',addr=' + addr + ''.join(',' + m for m in more)]
    for entry in experiment.get('mmio', []):
        kind, slot = entry.split('@')
        args += ['-device', 'virtio-%s-device,bus=virtio-mmio-bus.%s' % (kind, slot)]
    return args


def machine(experiment):
    return 'virt,iommu=smmuv3' if experiment.get('iommu') == 'smmuv3' else 'virt'


def newc(files):
    """A cpio archive of {name: (mode, bytes)}."""
    out = io.BytesIO()

    def entry(name, mode, data, number):
        raw = name.encode() + b'\0'
        out.write(b'070701' + b''.join(b'%08x' % v for v in (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0)))
        out.write(raw + b'\0' * (-(110 + len(raw)) % 4) + data + b'\0' * (-len(data) % 4))

    for number, (name, (mode, data)) in enumerate(files.items(), 1):
        entry(name, mode, data, number)
    entry('TRAILER!!!', 0, b'', 0)
    return out.getvalue()


def module_file(root, name):
    for path in glob.glob(os.path.join(root, '**', 'modules', '**', '*.ko*'), recursive=True):
        if os.path.basename(path).split('.')[0].replace('-', '_') == name.replace('-', '_'):
            return path
    return None


def unpacked(path):
    if path.endswith('.xz'):
        return subprocess.run(['xz', '-dc', path], check=True, capture_output=True).stdout
    return open(path, 'rb').read()


def base_files(work, generation):
    """Busybox, init and the modules of the experiments; modules that those need but that register no driver are loaded at start."""
    root = os.path.join(work, 'img', generation)
    files = {d: (stat.S_IFDIR | 0o755, b'') for d in ('bin', 'm')}
    files['bin/busybox'] = (stat.S_IFREG | 0o755, open(os.path.join(work, 'busybox', 'bin', 'busybox'), 'rb').read())
    files['init'] = (stat.S_IFREG | 0o755, open(os.path.join(HERE, 'guest-init'), 'rb').read())
    wanted, preload = KERNELS[generation]['modules'], []

    def add(name):
        data = unpacked(module_file(root, name))
        files['m/%s.ko' % name.replace('-', '_')] = (stat.S_IFREG | 0o644, data)
        depends = data[data.index(b'\0depends=') + 9:]
        for other in filter(None, depends[:depends.index(b'\0')].decode().split(',')):
            if other.replace('-', '_') + '.ko' not in preload and other not in wanted:
                add(other)
                preload.append(other.replace('-', '_') + '.ko')

    for name in wanted:
        add(name)
    files['preload'] = (stat.S_IFREG | 0o644, '\n'.join(preload).encode() + b'\n')
    return files


def kernel_image(work, generation):
    return glob.glob(os.path.join(work, 'img', generation, '**', 'vmlinuz*'), recursive=True)[0]


def initrd(work, generation):
    path = os.path.join(work, 'img', 'initrd-%s.gz' % generation)
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(os.path.join(HERE, 'guest-init')):
        with open(path, 'wb') as out:
            out.write(gzip.compress(newc(base_files(work, generation)), 6))
    return open(path, 'rb').read()


def guest_steps(experiment):
    """Steps of the experiment, each followed by time to settle and a snapshot."""
    lines = list(experiment.get('raw', []))
    settle = str(experiment.get('settle', 0.45))
    for step in experiment.get('steps', []):
        words = step.split()
        if words[0] == 'at':
            lines.append(step)
        elif words[0] == 'sleep':
            lines += [step, 'snap wait']
        elif words[0] == 'dma':
            lines += [step, 'snap dma-check']
        else:
            lines += [step, 'sleep ' + settle, 'snap ' + ' '.join(words[:2])]
    return ''.join(line + '\n' for line in lines)


def run(work, generation, experiment, dtb, log, limit=70):
    """Boots; returns the text of the serial line."""
    rd = log + '.initrd'
    with open(rd, 'wb') as out:
        base = initrd(work, generation)
        out.write(base + b'\0' * (-len(base) % 4) + newc({'steps': (stat.S_IFREG | 0o644, guest_steps(experiment).encode())}))
    options = ' '.join('%s=%s' % item for item in experiment.get('params', {}).items())
    append = ('console=ttyAMA0 quiet log_buf_len=4M printk.devkmsg=on initcall_debug panic=-1 oops=panic ' + options
              + ' dyndbg="file drivers/base/dd.c +p"')
    args = ['qemu-system-aarch64', '-machine', machine(experiment), *trees.COMMON, '-monitor', 'none', '-serial', 'file:' + log,
            '-no-reboot', '-kernel', kernel_image(work, generation), '-initrd', rd, '-dtb', dtb, '-append', append, *devices(experiment)]
    begin = time.time()
    process = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(log + '.err', 'w'))
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    os.unlink(rd)
    text = open(log, errors='replace').read().replace('\r', '')
    return text, time.time() - begin
