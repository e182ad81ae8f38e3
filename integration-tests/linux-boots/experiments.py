"""The experiments: data files expanded to single boots, and boots of an earlier recording to be repeated."""
import copy
import glob
import itertools
import json
import os
import re

import machine
import trees

HERE = os.path.dirname(os.path.abspath(__file__))


def all_of(generation):
    """Experiments for a kernel generation, in the order of the files."""
    result = []
    for path in sorted(glob.glob(os.path.join(HERE, 'experiments', '*.json'))):
        data = json.load(open(path))
        for entry in data['experiments']:
            if generation in entry.get('kernels', data['kernels']):
                result += [with_drivers(e, generation) for e in expanded(entry, data.get('boards', {}))]
    kernel = machine.KERNELS[generation]
    if kernel.get('onlyDefaultTimeout'):
        given = [dict(e, id='given-' + e['id']) for e in result if re.search(kernel['given'], e['id'])]
        result = with_default_timeout(result) + given
    for experiment in result:
        experiment.pop('given', None)
    ids = [e['id'] for e in result]
    assert len(ids) == len(set(ids)), [i for i in ids if ids.count(i) > 1]
    return result


def with_drivers(experiment, generation):
    """Where virtio_pci is a module, boots with PCI functions load it first."""
    if experiment.get('pci') and 'virtio_pci' in machine.KERNELS[generation]['modules']:
        experiment['steps'] = ['load virtio_pci'] + experiment.get('steps', [])
    return experiment


def with_default_timeout(plan):
    """Without deferred_probe_timeout and fw_devlink.strict; what is the same then is booted once."""
    kept = {}
    for experiment in plan:
        if experiment.get('given'):
            kept[experiment['id']] = experiment
            continue
        params = {k: v for k, v in experiment.get('params', {}).items() if k not in ('deferred_probe_timeout', 'fw_devlink.strict')}
        steps = [s for s in experiment.get('steps', []) if not s.startswith('sleep')]
        one = dict(experiment, params=params, steps=steps)
        kept.setdefault(json.dumps({k: v for k, v in one.items() if k not in ('id', 'about')}, sort_keys=True), one)
    return list(kept.values())


def expanded(entry, boards):
    """An entry with its board merged in, once for every combination of its 'vary' lists."""
    base = copy.deepcopy(boards.get(entry.get('board'), {}))
    for key, value in entry.items():
        if key in ('tree', 'first') and key in base:
            base[key] = base[key] + '\n' + value
        elif key in ('pci', 'mmio') and key in base and entry.get('extend'):
            base[key] = base[key] + value
        else:
            base[key] = value
    vary = base.pop('vary', {})
    for key in ('board', 'kernels', 'extend'):
        base.pop(key, None)
    result = []
    for values in itertools.product(*vary.values()):
        one = copy.deepcopy(base)
        for key, value in zip(vary, values):
            if key == 'steps':
                one['id'] += '-' + value.replace(' ', '').replace(',', '.')[:60]
                one['steps'] = one.get('steps', []) + [s.strip() for s in value.split(',') if s.strip()]
            else:
                if value is not None:
                    one.setdefault('params', {})[key] = value
                one['id'] += '-%s' % ('default' if value is None else 'strict' if key.endswith('strict') and value else
                                      'lax' if key.endswith('devlink.strict') else value)
        result.append(one)
    return result


def reproduced(folder):
    """Experiments that repeat the boots of a folder: its trees, its events at their distance from init."""
    result = []
    for line in open(os.path.join(folder, 'boots.jsonl')):
        boot = json.loads(line)
        tree = os.path.join(folder, boot['dtb'])
        kinds = {'1af4:1005': 'plainrng', '1af4:1044': 'rng', '1af4:1057': 'iommu'}
        pci = ['%s@%x' % (kinds[f['id']], f['rid'] >> 3) for f in boot['population']['pci'] if f['id'] in kinds]
        mmio = ['rng@%d' % ((int(t['transport'].split('@')[1], 16) - 0xa000000) // 0x200) for t in boot['population']['virtioMmio']]
        params = {k: boot['params'][k] for k in ('deferred_probe_timeout', 'fw_devlink') if boot['params'][k + '_given']}
        if boot['params']['fw_devlink.strict']:
            params['fw_devlink.strict'] = 1
        steps, begin, names = [], None, iter([s['after'] for s in boot['expect']['snapshots'][1:]])
        for e in boot['events']:
            if e['op'] == 'init':
                begin = e['t']
            elif begin is not None:
                steps.append('at %d' % ((e['t'] - begin) * 1000))
                steps.append({'snapshot': lambda: 'snap ' + next(names), 'dma-check': lambda: 'dma ' + e['device'],
                              'unbind': lambda: 'unbind ' + e['device']}.get(e['op'], lambda: e['op'] + ' ' + e.get('module', ''))())
        result.append({'id': boot['id'], 'about': boot['description'], 'dtb': tree, 'pci': pci, 'mmio': mmio, 'params': params,
                       'iommu': 'smmuv3' if any('smmuv3' in p for p in trees.read(tree)) else 'none', 'raw': steps, 'steps': []})
    return result
