#!/usr/bin/env python3
"""replay.py FOLDER LATEBIND: plays every boot of a folder by the command line and compares the end with the kernel's."""
import json
import os
import subprocess
import sys
import tempfile


def address(boot, name):
    """Late-named devices go by the path of their creator."""
    for creator in boot['population']['pci'] + boot['population']['virtioMmio']:
        if name in [c['device'] for c in creator['creates'][:1]]:
            return '%s@%x/virtio' % (creator['host'], creator['rid']) if 'rid' in creator else creator['transport'] + '/virtio'
    return name


def schedule(boot, modules):
    if 'failing' in boot['population']:
        return None  # a schedule begins when the machine is up, too late for hardware that fails in the first probe
    params = boot['params']
    lines = ['param deferred_probe_timeout=%s' % params['deferred_probe_timeout'], 'param fw_devlink=%s' % params['fw_devlink'],
             'param fw_devlink.strict=%d' % params['fw_devlink.strict']]
    lines += ['param %s=%s' % (k, params[k]) for k in ('driver_async_probe', 'iommu.passthrough', 'iommu.strict') if k in params]
    last = 0
    for e in boot['events']:
        op = e['op']
        if op in ('snapshot', 'dma-check'):
            lines.append('advance %.6f' % max(0, e['t'] - last))
        elif op in ('load', 'unload') and e['module'] not in modules:
            continue  # this kernel does not have it
        elif op in ('load', 'unload'):
            lines.append('%s %s at %.6f' % (op, e['module'], e['t']))
        elif op in ('bind', 'unbind'):
            lines.append('%s %s %s at %.6f' % (op, address(boot, e['device']), e.get('driver', '') if op == 'bind' else '', e['t']))
        elif op == 'override':  # a name that no driver has keeps all away, as one of another bus does
            lines.append('override %s %s at %.6f' % (address(boot, e['device']), 'pci-host-generic' if 'driver' in e else '', e['t']))
        elif op in ('late-init', 'register', 'init'):
            lines.append('%s at %.6f' % (op, e['t']))
        else:
            return None
        last = e['t']
    return '\n'.join(lines) + '\n'


def differences(boot, document):
    found = {d['name']: d for d in document['devices']}
    paths = {d['path']: d['name'] for d in document['devices']}
    for name in boot['judgeable']:
        kernel, ours = boot['expect']['final'][name], found.get(name)
        if (ours is not None) != kernel.get('present', True):
            yield '%s present: kernel %s' % (name, kernel.get('present', True))
        elif ours:
            if ours['driver'] != kernel.get('driver'):
                yield '%s driver: kernel %s, replay %s' % (name, kernel.get('driver'), ours['driver'])
            if (ours['group'] is not None) != kernel.get('group', False):
                yield '%s group: kernel %s, replay %s' % (name, kernel.get('group', False), ours['group'])
            elif ours['group'] is not None and not boot.get('orderOpen') and ours['group'] != kernel.get('groupNumber'):
                yield '%s group number: kernel %s, replay %s' % (name, kernel.get('groupNumber'), ours['group'])
            if (ours['outcome'] == 'PENDING') != kernel.get('deferred', False):
                yield '%s deferred: kernel %s, replay %s' % (name, kernel.get('deferred', False), ours['outcome'])
    skipped = boot.get('unjudged', [])
    kernel = [n for n in boot['expect']['deferredList'] if n not in skipped]
    ours = [n for n in (paths[p] for p in document['deferred']) if n not in skipped]
    if (sorted(kernel), sorted(ours)) != (sorted(ours), sorted(kernel)) or kernel != ours and not boot.get('orderOpen'):
        yield 'deferred list: kernel %s, replay %s' % (kernel, ours)


def main():
    folder, latebind = sys.argv[1:3]
    good = total = 0
    modules = [m['name'] for m in json.load(open(os.path.join(folder, 'modules-virt.json')))['modules']]
    with tempfile.TemporaryDirectory() as scratch:
        for line in open(os.path.join(folder, 'boots.jsonl')):
            boot = json.loads(line)
            text = schedule(boot, modules)
            if text is None:
                continue  # the schedule language has no words for removed functions
            plan, population = os.path.join(scratch, 'boot.schedule'), os.path.join(scratch, 'population.json')
            open(plan, 'w').write(text)
            json.dump(boot['population'], open(population, 'w'))
            done = subprocess.run([latebind, 'replay', os.path.join(folder, boot['dtb']), plan, '--modules',
                                   os.path.join(folder, 'modules-virt.json'), '--population', population, '--policy',
                                   boot.get('policy', 'timeout-multi'), '--json'], capture_output=True, text=True)
            problems = list(differences(boot, json.loads(done.stdout))) if done.stdout.startswith('{') else [done.stderr.strip()]
            total += 1
            good += not problems
            for problem in problems:
                print('%s: %s' % (boot['id'], problem))
    print('%d of %d boots end as the kernel ended' % (good, total))
    return 0 if good == total else 1


if __name__ == '__main__':
    sys.exit(main())
