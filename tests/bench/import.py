# What a script in Python does: PyYAML with the C loader, PyMySQL, INSERT ... ON DUPLICATE KEY.
# usage: import.py SOCKET POLICIES.yaml
import sys

import pymysql
import yaml

with open(sys.argv[2]) as file:
    policies = yaml.load(file, Loader=yaml.CSafeLoader)["policies"]
if isinstance(policies, list):
    rows = [(row["domain"], row["policy"], row.get("params")) for row in policies]
else:
    words = ((domain, value.partition(" ")) for domain, value in policies.items())
    rows = [(domain, level, params or None) for domain, (level, _, params) in words]
connection = pymysql.connect(unix_socket=sys.argv[1], user="root", database="mail")
with connection.cursor() as cursor:
    cursor.executemany(
        "INSERT INTO tlspolicies (domain, policy, params) VALUES (%s, %s, %s) "
        "ON DUPLICATE KEY UPDATE policy = VALUES(policy), params = VALUES(params)", rows)
connection.commit()
