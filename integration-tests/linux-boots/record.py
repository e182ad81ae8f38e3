#!/usr/bin/env python3
"""Records boots of a real kernel in QEMU as replayable data; see README.md."""
import argparse
import json
import os
import re
import shutil
import sys

import experiments
import judge
import machine
import trees


def prepare(work, experiment, folder):
    """Makes the tree of an experiment; returns its path and the nodes of the unedited one."""
    dumped = trees.dump(machine.machine(experiment), machine.devices(experiment), os.path.join(work, 'trees'))
    name = os.path.join(folder, experiment['id'] + '.dtb')
    if 'dtb' in experiment:
        shutil.copyfile(experiment['dtb'], name)
    else:
        trees.edited(dumped, experiment.get('first', ''), experiment.get('tree', ''), name)
    return name, trees.read(dumped)


def record(work, generation, experiment, folder):
    """Boots until nothing collides with the timer; returns the description of the boot."""
    kernel = machine.KERNELS[generation]
    dtb, plain = prepare(work, experiment, folder)
    log = os.path.join(folder, experiment['id'] + '.log')
    for settle in (0.45, 0.57, 0.36, 0.7):
        text, seconds = machine.run(work, generation, {'settle': settle, **experiment}, dtb, log)
        try:
            boot = judge.describe(experiment, text, dtb, plain, kernel['release'], kernel)
        except ValueError as e:
            print('%s: %s' % (experiment['id'], e), flush=True)
            if '@@end' not in text:
                return None
            continue
        boot['policy'] = kernel['policy']
        boot['silentDrivers'] = kernel.get('silent', [])
        print('%s: %.1f s, %d snapshots' % (experiment['id'], seconds, len(boot['expect']['snapshots'])), flush=True)
        return boot
    return None


def save(boots, source, target, generation):
    """Writes boots.jsonl with its trees (equal trees once) and the catalogue."""
    os.makedirs(target, exist_ok=True)
    seen = {}
    with open(os.path.join(target, 'boots.jsonl'), 'w') as out:
        for boot in boots:
            blob = open(os.path.join(source, boot['id'] + '.dtb'), 'rb').read()
            if blob not in seen:
                seen[blob] = boot['id'] + '.dtb'
                shutil.copyfile(os.path.join(source, seen[blob]), os.path.join(target, seen[blob]))
            boot['dtb'] = seen[blob]
            out.write(json.dumps(boot, separators=(',', ':')) + '\n')
    shutil.copyfile(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'catalogues', generation + '.json'),
                    os.path.join(target, 'modules-virt.json'))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('work', help='folder of fetch.sh')
    parser.add_argument('generation', choices=sorted(machine.KERNELS))
    parser.add_argument('target', help='folder for boots.jsonl, trees and catalogue')
    parser.add_argument('--only', default='', help='regular expression for ids')
    parser.add_argument('--again', action='store_true', help='record even what is there already')
    parser.add_argument('--reproduce', metavar='FOLDER', help='boot what FOLDER recorded, with its trees and steps')
    parser.add_argument('--save', action='store_true', help='boot nothing, only write what was recorded')
    args = parser.parse_args()
    folder = os.path.join(args.work, 'boots', args.generation + ('-reproduced' if args.reproduce else ''))
    os.makedirs(folder, exist_ok=True)
    plan = experiments.reproduced(args.reproduce) if args.reproduce else experiments.all_of(args.generation)
    boots = []
    for experiment in plan:
        stored = os.path.join(folder, experiment['id'] + '.json')
        wanted = re.search(args.only, experiment['id']) and not args.save
        same = os.path.exists(stored) and json.load(open(stored)).get('experiment') == experiment
        if wanted and (args.again or not same):
            boot = record(args.work, args.generation, experiment, folder)
            if boot:
                json.dump({'experiment': experiment, 'boot': boot}, open(stored, 'w'))
        if os.path.exists(stored):
            boots.append(json.load(open(stored))['boot'])
    save(boots, folder, args.target, args.generation)
    print('%d boots in %s' % (len(boots), args.target))


if __name__ == '__main__':
    sys.exit(main())
