"""Turns the log of a boot into one line of boots.jsonl."""
import re

import machine
import trees

LINE = re.compile(r'^\[ *(\d+\.\d+)\] (.*)$')
KINDS = [  # kind, pattern with the device in group 1 (and a detail in group 2)
    ('attempt', re.compile(r'^\S+ (\S+): bus: \'\w+\': really_probe: probing driver \S+ with device$')),
    ('attempt', re.compile(r'^bus: \'\w+\': really_probe: probing driver \S+ with device (\S+)$')),
    ('bound', re.compile(r'^\S+ (\S+): bus: \'\w+\': really_probe: bound device to driver (\S+)$')),
    ('bound', re.compile(r'^bus: \'\w+\': really_probe: bound device (\S+) to driver (\S+)$')),
    ('deferred', re.compile(r'^\S+ (\S+): Added to deferred list$')),
    ('retry', re.compile(r'^\S+ (\S+): Retrying from deferred list$')),
    ('timed-out', re.compile(r'^\S+ (\S+): deferred probe timeout, ignoring dependency')),
    ('timed-out', re.compile(r'^\S+ (\S+): ignoring dependency for device, assuming no driver')),
    ('failed', re.compile(r'^probe of (\S+) (?:with driver \S+ )?returned -?((?!517 |0 )\d+) after')),
    ('failed', re.compile(r'^\S+: probe of (\S+) failed with error -(\d+)$')),
]


def records(text):
    """[(time, message)] of the log part."""
    lines = text.split('@@log', 1)[1].split('@@end')[0].splitlines()
    return [(float(m.group(1)), m.group(2)) for m in map(LINE.match, lines) if m]


def snapshot(text):
    """Everything one snapshot says: devices (name -> bus, parent, driver, group, node), group types, deferred list, ids."""
    state = {'devices': {}, 'types': {}, 'deferred': [], 'ids': {}}
    body, _, deferred = text.partition('@deferred\n')
    for line in body.splitlines():
        link = re.search(r' (\S+) -> (\S+)$', line)
        value = re.match(r'/sys/kernel/iommu_groups/(\d+)/type:(\S+)', line)
        ident = re.match(r'/sys/bus/\w+/devices/([^/]+)/(vendor|device|class|modalias):(\S+)', line)
        if value:
            state['types'][int(value.group(1))] = value.group(2)
        elif ident:
            state['ids'].setdefault(ident.group(1), {})[ident.group(2)] = ident.group(3)
        elif link and link.group(1).startswith('/sys/bus/'):
            _, _, _, bus, _, name, what = link.group(1).split('/')
            target = link.group(2).rsplit('/', 1)[1]
            if what == 'of_node':
                target = '/' + link.group(2).split('devicetree/base/', 1)[1]
            state['devices'].setdefault(name, {})[what] = target
        elif link:
            state['devices'].setdefault(link.group(1), {})['link'] = link.group(2)
    for line in deferred.splitlines():
        if '\t' in line:
            name, _, reason = line.partition('\t')
            state['deferred'].append({'device': name, 'reason': reason.strip()})
    return state


def described(state, name):
    """One device as the schema wants it."""
    device = state['devices'].get(name)
    result = {'present': device is not None, 'bound': bool(device and 'driver' in device),
              'driver': device.get('driver') if device else None, 'group': bool(device and 'iommu_group' in device),
              'deferred': any(d['device'] == name for d in state['deferred'])}
    if result['group']:
        number = int(device['iommu_group'])
        result['groupType'] = state['types'].get(number)
        result['groupNumber'] = number
    return result


BREAKABLE = {'arm,smmu-v3': 'arm-smmu-v3', 'gpio-keys': 'gpio-keys'}
INTERESTING = (['arm,smmu-v3'], ['pci-host-ecam-generic'])


class Boot:
    """A parsed log."""

    def __init__(self, text):
        parts = re.split(r'@@snap \d+\n', text.split('@@errors')[0])
        self.states = [snapshot(p) for p in parts[1:]]
        self.log = records(text)
        self.marks = [(t, m[3:].split()) for t, m in self.log if m.startswith('LB ')]
        self.late = next(t for t, m in self.log if m.startswith('calling  deferred_probe_initcall'))
        self.arms = [t for t, m in self.log if m.startswith('Extended deferred probe timeout')]
        self.trace = []
        for t, m in self.log:
            for kind, pattern in KINDS:
                found = pattern.match(m)
                if found:
                    self.trace.append([t, kind] + [g for g in found.groups() if g])
                    break

    def events(self, timer):
        """Events of the schema, in order."""
        result = [{'t': self.late, 'op': 'late-init', 'estimated': False}]
        init = next(t for t, w in self.marks if w[0] == 'snap')
        result += [{'t': t, 'op': 'register', 'module': None, 'builtin': True} for t in self.arms if self.late < t < init and timer]
        result.append({'t': init, 'op': 'init'})
        pending = None
        for t, words in self.marks:
            if words[0] == 'begin' and words[1] not in ('at', 'sleep', 'snap'):
                pending = self.event(t, words[1:])
            elif words[0] == 'end' and pending is not None:
                pending['rc'] = int(words[-1][3:])
                armed = [a for a in self.arms if pending['t'] < a < t]
                if pending['op'] == 'load' and armed:  # on a busy host insmod takes its time before the driver registers
                    pending['t'] = max(pending['t'], round(armed[-1] - 0.1, 6))
                result.append(pending)
                pending = None
            elif words[0] == 'snap' and t > init:
                result.append({'t': t, 'op': 'snapshot'})
        return result

    @staticmethod
    def event(t, words):
        op, args = words[0], words[1:]
        if op in ('load', 'unload'):
            event = {'t': t, 'op': op, 'module': args[0].replace('-', '_')}
            if args[1:]:
                event['options'] = args[1:]
            return event
        event = {'t': t, 'op': {'dma': 'dma-check', 'probe': 'bind'}.get(op, op)}
        if args:
            event['device'] = args[0]
        if args[1:]:
            event['type' if op == 'type' else 'driver'] = args[1]
        return event

    def interleaved(self):
        """Whether the worker ran between two binds of one module load: how far it got is a matter of luck."""
        begins = [t for t, w in self.marks if w[:2] == ['begin', 'load']]
        ends = [t for t, w in self.marks if w[:2] == ['end', 'load']]
        for begin, end in zip(begins, ends):
            steps = [(kind, device) for t, kind, device, *_ in self.trace if begin < t < end]
            retried = {device for kind, device in steps if kind == 'retry'}
            own = [i for i, (kind, device) in enumerate(steps) if kind == 'bound' and device not in retried]
            if len(own) > 1 and any(kind == 'retry' for kind, _ in steps[own[0]:own[-1]]):
                return True
        return False

    def timer(self, timeout):
        """When the timer was last started, and when the retries of its end began."""
        if timeout <= 0:
            return {'lastRearmedAt': None, 'expiredAt': None}
        start = self.arms[-1] if self.arms else self.late
        low, high = start + timeout - 0.1, start + timeout + max(0.125 * timeout, 0.3) + 0.1
        expired = next((t for t, kind, *_ in self.trace if kind == 'retry' and low <= t <= high), None)
        return {'lastRearmedAt': start, 'expiredAt': expired}

    def collision(self, timeout, events):
        """What stands so near to the end of the timer that its order is a matter of luck; None when nothing does."""
        if timeout <= 0:
            return None
        starts = [self.late] + self.arms
        for start, following in zip(starts, starts[1:]):
            if following > start + timeout - 0.15:
                return 'restart at %.3f' % following
        expired = self.timer(timeout)['expiredAt']
        low, high = starts[-1] + timeout - 0.13, (expired or starts[-1] + timeout + 0.07) + 0.03
        for e in events:
            if low <= e['t'] <= high:
                return '%s at %.3f' % (e['op'], e['t'])
        return None


def known_functions(experiment):
    result = {'0000:00:00.0': ('1b36:0008', None)}
    for entry in experiment.get('pci', []):
        kind, addr, *more = entry.split('@')
        if not any(m.startswith('bus=') for m in more):
            slot, _, fn = addr.partition('.')
            result['0000:00:%02x.%x' % (int(slot, 16), int(fn or '0', 16))] = (machine.PCI[kind][1], machine.PCI[kind][2])
    return result


def population(experiment, boot, nodes):
    """PCI functions and transports with a device, as the schema wants them."""
    host = next((p for p in nodes if strings_of(nodes, p, 'compatible')[:1] == ['pci-host-ecam-generic']), None)
    functions = known_functions(experiment)
    hosts = {}
    creates = {}
    for state in boot.states:
        for name, device in state['devices'].items():
            link = device.get('link', '')
            if '/pci0' in link and re.fullmatch(r'[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]', name):
                ident = state['ids'].get(name, {})
                known = functions.get(name)
                ids = '%s:%s' % (ident['vendor'][2:], ident['device'][2:])
                creates_id = next((c for _, i, c in machine.PCI.values() if i == ids and c), None)
                functions[name] = known or (ids, creates_id)
                hosts[name] = link.split('/platform/')[1].split('/')[0] if '/platform/' in link else None
            if re.fullmatch(r'virtio\d+', name):
                creates.setdefault(link.split('/')[-2], []).append(name)
    first_of = {}
    for state in boot.states[:1]:
        for name, device in state['devices'].items():
            if 'of_node' in device:
                first_of[name] = device['of_node']
    pci = []
    for name in sorted(functions):
        ids, child = functions[name]
        domain, bus, rest = name.split(':')
        slot, fn = rest.split('.')
        entry = {'host': first_of.get(hosts.get(name), host), 'rid': int(bus, 16) << 8 | int(slot, 16) << 3 | int(fn), 'device': name,
                 'id': ids, 'driver': 'virtio-pci' if child else None}
        if child:
            entry['accessPlatform'] = ids != '1af4:1005'
        entry['creates'] = [{'device': creates.get(name, [None])[0], 'id': child, 'driver': machine.MODULE_OF[child]}] if child else []
        pci.append(entry)
    transports = []
    for entry in experiment.get('mmio', []):
        kind, slot = entry.split('@')
        path = '/virtio_mmio@%x' % (0xa000000 + 0x200 * int(slot))
        device = path[len('/virtio_mmio@'):] + '.virtio_mmio'
        transports.append({'transport': path, 'device': device, 'creates': [
            {'device': creates.get(device, [None])[0], 'id': 'virtio:d00000004', 'driver': 'virtio_rng'}]})
    result = {'pci': pci if host else [], 'virtioMmio': transports,
              'emptyVirtioMmio': {'transports': 'every other virtio,mmio node', 'probe': 'ENODEV'}}
    bound = {entry[2] for entry in boot.trace if entry[1] == 'bound'}  # 5.10 reports a success as 1
    failing = {entry[2]: int(entry[3]) for entry in boot.trace if entry[1] == 'failed' and entry[2] not in bound}
    for name, device in boot.states[0]['devices'].items():
        driver = BREAKABLE.get((strings_of(nodes, device.get('of_node', '/'), 'compatible') or [None])[0])
        if name in failing and driver:
            result.setdefault('failing', []).append({'device': name, 'driver': driver, 'errno': failing[name]})
    return result


def strings_of(nodes, path, name):
    return trees.strings(nodes[path].get(name, b''))


def judgeable(experiment, boot, nodes, plain):
    """Names of the devices the boot is about, their nodes, and IOMMUs without a device."""
    nodes_of = {}
    for state in boot.states:
        for name, device in state['devices'].items():
            if 'of_node' in device:
                nodes_of.setdefault(device['of_node'], name)
    names, paths, absent = [], {}, []
    touched = [p for p in nodes if p != '/' and (p not in plain or nodes[p] != plain[p])]
    for path in nodes:
        interesting = path in touched or strings_of(nodes, path, 'compatible')[:1] in INTERESTING or (
            path == '/gpio-keys' and any('gpio_keys' in step for step in experiment.get('steps', []) + experiment.get('raw', [])))
        if not interesting:
            continue
        if path in nodes_of and '#clock-cells' not in nodes[path]:
            names.append(nodes_of[path])
            paths[nodes_of[path]] = path
        elif '#iommu-cells' in nodes[path] and 'compatible' in nodes[path] and not path.startswith('/pcie'):
            name = trees.device_name(nodes, path)
            absent.append({'device': name, 'path': path})
            paths[name] = path
    for state in boot.states:
        for name, device in state['devices'].items():
            if name not in names and re.fullmatch(r'virtio\d+|[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]', name):
                names.append(name)
                if 'of_node' in device:
                    paths[name] = device['of_node']
    for entry in experiment.get('mmio', []):
        name = '%x.virtio_mmio' % (0xa000000 + 0x200 * int(entry.split('@')[1]))
        if name not in names:
            names.append(name)
            paths[name] = '/virtio_mmio@' + name.split('.')[0]
    return names, paths, absent


def describe(experiment, text, dtb, plain, release, defaults):
    """The line of boots.jsonl; raises ValueError with the reason when the boot cannot be used."""
    if '@@end' not in text:
        raise ValueError('no end: ' + text[-300:])
    boot = Boot(text)
    nodes, params = trees.read(dtb), experiment.get('params', {})
    timeout = int(params.get('deferred_probe_timeout', defaults['timeout']))
    events = boot.events(timeout > 0)
    collision = boot.collision(timeout, events)
    if collision:
        raise ValueError('too near to the timer: ' + collision)
    names, paths, absent = judgeable(experiment, boot, nodes, plain)
    snapshots, dma, reasons, final_dma = [], [], {}, {}
    stamps = [(t, ' '.join(w[2:])) for t, w in boot.marks if w[0] == 'snap']
    for (t, after), state in zip(stamps, boot.states):
        snapshots.append({'t': t, 'after': after, 'devices': {n: described(state, n) for n in names}, 'deferredList': state['deferred']})
        reasons.update({d['device']: d['reason'] for d in state['deferred'] if d['device'] in names})
    for e in events:
        if e['op'] == 'dma-check':
            result = 'dead' if e.pop('rc') else 'works'
            dma.append({'t': e['t'], 'device': e['device'], 'result': result})
            final_dma[e['device']] = result
        elif e['op'] != 'snapshot':
            final_dma.clear()  # measured before the end: says nothing about the final state
    final = {n: dict(d, **({'dma': final_dma[n]} if n in final_dma else {})) for n, d in snapshots[-1]['devices'].items()}
    extra = {k: v for k, v in params.items() if k not in ('deferred_probe_timeout', 'fw_devlink', 'fw_devlink.strict')}
    regulators = sum(strings_of(nodes, p, 'compatible')[:1] == ['regulator-fixed'] for p in nodes)
    asynchronous = boot.interleaved() or regulators > 1 and not release.startswith(('5.', '6.1.')) or 'driver_async_probe' in params \
        or any('async_probe' in e.get('options', []) for e in events)
    return {
        'id': experiment['id'], 'description': experiment.get('about', ''), 'dtb': None, 'kernel': release, 'orderOpen': asynchronous,
        'params': {'deferred_probe_timeout': timeout, 'deferred_probe_timeout_given': 'deferred_probe_timeout' in params,
                   'fw_devlink': params.get('fw_devlink', defaults['devlink']), 'fw_devlink_given': 'fw_devlink' in params,
                   'fw_devlink.strict': str(params.get('fw_devlink.strict', 0)) == '1', **extra},
        'population': population(experiment, boot, nodes), 'devicePaths': paths, 'absentDevices': absent, 'events': events,
        'expect': {
            'atInit': snapshots[0]['devices'], 'final': final,
            'boundAt': {n: [round(t, 3) for t, kind, device, *_ in boot.trace if kind == 'bound' and device == n] for n in names},
            'deferredList': [d['device'] for d in boot.states[-1]['deferred']], 'reasons': reasons, 'timer': boot.timer(timeout),
            'dmaChecks': dma, 'snapshots': snapshots,
            'trace': [entry for entry in boot.trace if entry[2] in names]},
        'judgeable': [n for n in names if n not in experiment.get('unjudged', [])], 'unjudged': experiment.get('unjudged', []), 'caveat': experiment.get('caveat')}
