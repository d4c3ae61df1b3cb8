"""A Postfix of the lab's own: its configuration, queue and log below one directory."""
import os
import shutil
import subprocess
import time

QUEUES = ('active bounce corrupt defer deferred flush hold incoming maildrop private public saved '
          'trace')
# Not chrooted, so that the lab's files are found where they are.
MASTER = """\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
tlsproxy unix - - n - 0 tlsproxy
scache unix - - n - 1 scache
discard unix - - n - - discard
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    def __init__(self, directory):
        self.dir = directory
        self.config = os.path.join(directory, 'config')
        self.log = os.path.join(directory, 'maillog')
        self.settings = {
            'compatibility_level': '3.6', 'config_directory': self.config,
            'queue_directory': directory + '/spool', 'data_directory': directory + '/data',
            'maillog_file': self.log, 'maillog_file_prefixes': directory,
            'inet_protocols': 'all' if os.path.exists('/proc/net/if_inet6') else 'ipv4',
            'myhostname': 'lab.invalid', 'mydestination': '', 'local_recipient_maps': '',
            'mynetworks': '0.0.0.0/0 [::]/0', 'alias_maps': '', 'alias_database': '',
            'smtpd_relay_restrictions': 'permit_mynetworks, reject', 'smtpd_peername_lookup': 'no',
            'notify_classes': '', 'bounce_queue_lifetime': '0', 'smtputf8_enable': 'no'}
        self.services = []

    def start(self):
        for name in [''] + QUEUES.split() + ['pid']:
            os.makedirs(os.path.join(self.dir, 'spool', name), exist_ok=True)
        for name in ['data'] + ['spool/' + q for q in QUEUES.split()]:
            os.makedirs(os.path.join(self.dir, name), exist_ok=True)
            shutil.chown(os.path.join(self.dir, name), 'postfix')
        os.makedirs(self.config)
        with open(self.config + '/main.cf', 'w') as f:
            f.writelines('%s = %s\n' % setting for setting in self.settings.items())
        with open(self.config + '/master.cf', 'w') as f:
            f.write(MASTER + ''.join(service + '\n' for service in self.services))
        daemons = subprocess.run(['postconf', '-d', '-h', 'daemon_directory'], check=True,
                                 capture_output=True, text=True).stdout.strip()
        with open(self.dir + '/master.out', 'wb') as out:
            return subprocess.Popen([daemons + '/master', '-c', self.config, '-d'], cwd='/',
                                    env=dict(os.environ, MAIL_CONFIG=self.config),
                                    stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def wait_until(what, check, seconds=20):
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            raise SystemExit('the lab waited %d s for %s' % (seconds, what))
        time.sleep(.02)
