"""A faithful local server of the operations that alipolicy uses: Cloud Backup (HBR), RAM and STS.

For tests, laptops and demos without an account. `LocalCloud` runs it in a thread, `serve` in a process.
"""

from constructs_lib.localcloud.administration import Account as Account
from constructs_lib.localcloud.cloud import LocalCloud as LocalCloud
from constructs_lib.localcloud.cloud import serve as serve
from constructs_lib.localcloud.faults import Fault as Fault
from constructs_lib.localcloud.faults import FaultKind as FaultKind
from constructs_lib.localcloud.faults import Moment as Moment
from constructs_lib.localcloud.gateway import LoggedRequest as LoggedRequest
from constructs_lib.localcloud.service import Delays as Delays
