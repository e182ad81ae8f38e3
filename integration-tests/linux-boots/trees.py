"""Device trees of QEMU's virt machine: dumping, editing as source, reading back."""
import hashlib
import os
import re
import struct
import subprocess

BEGIN_NODE, END_NODE, PROP, NOP, END = 1, 2, 3, 4, 9


def read(path):
    """Returns {node path: {property: bytes}} of a compiled tree, in document order."""
    blob = open(path, 'rb').read()
    struct_at, strings_at = struct.unpack_from('>II', blob, 8)
    at, names, nodes = struct_at, [], {}
    while True:
        (token,) = struct.unpack_from('>I', blob, at)
        at += 4
        if token == BEGIN_NODE:
            end = blob.index(b'\0', at)
            names.append(blob[at:end].decode())
            nodes['/'.join(names) or '/'] = {}
            at = (end + 4) & ~3
        elif token == END_NODE:
            names.pop()
        elif token == PROP:
            length, name = struct.unpack_from('>II', blob, at)
            name = strings_at + name
            nodes['/'.join(names) or '/'][blob[name:blob.index(b'\0', name)].decode()] = blob[at + 8:at + 8 + length]
            at = (at + 8 + length + 3) & ~3
        elif token == END:
            return nodes


def strings(value):
    return [s.decode() for s in value.rstrip(b'\0').split(b'\0')] if value else []


def cells(value):
    return list(struct.unpack('>%dI' % (len(value) // 4), value[:len(value) // 4 * 4]))


def device_name(nodes, path):
    """Name of the platform or AMBA device of a node: its first address (the machine has two cells and no translation)."""
    name = path.rsplit('/', 1)[1]
    reg = nodes[path].get('reg')
    if not reg or len(reg) < 8:
        return name if '/' not in path[1:] else path[1:].replace('/', ':')
    return '%x.%s' % (struct.unpack('>Q', reg[:8])[0], name.split('@')[0])


def available(nodes, path):
    return strings(nodes[path].get('status', b'okay\0'))[:1] in (['okay'], ['ok'])


def source(blob_path):
    """Source of a dumped tree, without what differs from run to run."""
    text = subprocess.run(['dtc', '-q', '-I', 'dtb', '-O', 'dts', blob_path], check=True, capture_output=True, text=True).stdout
    text = re.sub(r'\n\s*(rng-seed|kaslr-seed) = [^;]*;', '', text)
    return text


def dump(machine, devices, folder):
    """The tree that QEMU makes for a machine and its devices."""
    key = hashlib.sha1(repr((machine, devices)).encode()).hexdigest()[:12]
    path = os.path.join(folder, 'dump-%s.dtb' % key)
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(['qemu-system-aarch64', '-machine', machine + ',dumpdtb=' + path, *COMMON, *devices],
                       check=True, capture_output=True)
    return path


COMMON = ['-cpu', 'cortex-a57', '-m', '512', '-display', 'none', '-nic', 'none']


def edited(dumped, first, last, path):
    """Writes the dumped tree with source fragments before and behind it (new nodes of 'first' come first in the document)."""
    body = source(dumped).replace('/dts-v1/;', '', 1)
    memory = re.search(r'\n\t(memory@[0-9a-f]+) \{', body)
    drop = '/ { /delete-node/ %s; };\n' % memory.group(1) if memory else ''
    text = '/dts-v1/;\n%s\n%s\n%s%s\n' % (first, body, drop, last)
    done = subprocess.run(['dtc', '-q', '-f', '-I', 'dts', '-O', 'dtb', '-o', path], input=text, text=True, capture_output=True)
    if done.returncode or not os.path.getsize(path):
        raise ValueError('dtc: ' + done.stderr)
