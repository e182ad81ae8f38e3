"""The truth about a compiled device tree, told by libfdt: with "content" every node and property, with "inspect" the document
of `latebind inspect --json`. Shares no code with the product. Usage: python3 truth.py content|inspect FILE"""
import json
import struct
import sys
import libfdt


def nodes(fdt):
    """(offset, path) of every node in document order."""
    found, names, offset, depth = [], [], 0, 0
    while offset >= 0:
        names[depth:] = [fdt.get_name(offset)]
        found.append((offset, '/' + '/'.join(names[1:])))
        try:
            offset, depth = fdt.next_node(offset, depth)
        except libfdt.FdtException:
            break
        if depth < 0:
            break
    return found


def properties(fdt, offset):
    found = []
    try:
        at = fdt.first_property_offset(offset)
        while True:
            p = fdt.get_property_by_offset(at)
            found.append((p.name, bytes(p)))
            at = fdt.next_property_offset(at)
    except libfdt.FdtException as end:
        assert end.err == -libfdt.NOTFOUND
    return found


def u32s(value):
    return [int.from_bytes(value[i:i + 4], 'big') for i in range(0, len(value) - 3, 4)]


def strings(value):
    return [s.decode() for s in value[:-1].split(b'\0')] if value else []


def content(fdt, data):
    for i in range(fdt.num_mem_rsv()):  # get_mem_rsv of libfdt 1.6.1 answers with the error number only
        at = fdt.off_mem_rsvmap() + 16 * i
        print('R %x %x' % struct.unpack('>QQ', data[at:at + 16]))
    for offset, path in nodes(fdt):
        print('N ' + path)
        for name, value in properties(fdt, offset):
            print('P %s %s' % (name, value.hex()))


def inspect(fdt, board):
    order = nodes(fdt)
    props = {path: dict(properties(fdt, offset)) for offset, path in order}
    paths = dict(order)

    def status(path):
        return strings(props[path]['status'])[0] if 'status' in props[path] else 'okay'

    def available(path):
        while True:
            if status(path) not in ('ok', 'okay'):
                return False
            if path == '/':
                return True
            path = path.rsplit('/', 1)[0] or '/'

    def describe(path):
        return {'path': path, 'compatible': strings(props[path].get('compatible', b'')), 'status': status(path),
                'available': available(path)}

    def references(value, count):
        cells, found = u32s(value), []
        while cells:
            target = paths[fdt.node_offset_by_phandle(cells[0])]
            n = u32s(props[target][count])[0]
            found.append((target, cells[1:1 + n]))
            cells = cells[1 + n:]
        return found

    iommus = {path for _, path in order if '#iommu-cells' in props[path]}
    masters, maps, legacy = [], [], []
    for _, path in order:
        mine = props[path]
        if 'iommus' in mine:
            entries = references(mine['iommus'], '#iommu-cells')
            iommus.update(target for target, _ in entries)
            masters.append({**describe(path), 'iommus': [{'iommu': t, 'cells': c} for t, c in entries]})
        if 'iommu-map' in mine:
            cells = u32s(mine['iommu-map'])
            entries = [{'ridBase': r, 'iommu': paths[fdt.node_offset_by_phandle(p)], 'outBase': o, 'length': n}
                       for r, p, o, n in zip(*[iter(cells)] * 4)]
            iommus.update(e['iommu'] for e in entries)
            mask = u32s(mine['iommu-map-mask'])[0] if 'iommu-map-mask' in mine else None
            maps.append({'path': path, 'mask': mask, 'entries': entries})
        if 'mmu-masters' in mine:
            legacy += [{'iommu': path, 'master': t, 'ids': c} for t, c in references(mine['mmu-masters'], '#stream-id-cells')]
    root = props['/']
    print(json.dumps({
        'board': board, 'model': strings(root['model'])[0] if 'model' in root else None, 'nodes': len(order),
        'iommus': [{**describe(path), 'cells': u32s(props[path]['#iommu-cells'])[0] if '#iommu-cells' in props[path] else None}
                   for _, path in order if path in iommus],
        'masters': masters, 'iommuMaps': maps, 'mmuMasters': legacy}, separators=(',', ':')))


if __name__ == '__main__':
    with open(sys.argv[2], 'rb') as f:
        data = f.read()
    tree = libfdt.FdtRo(data)
    content(tree, data) if sys.argv[1] == 'content' else inspect(tree, sys.argv[2])
