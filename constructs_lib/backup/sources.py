"""The texts that the checks of backup policies stand on."""

PAGE = "Cloud Backup, CreatePolicyV2 (2017-09-08), request parameters"
METADATA = "Cloud Backup, API metadata of CreatePolicyV2 (2017-09-08)"
SDK = "Cloud Backup, SDK for Python (alibabacloud_hbr20170908 2.7.1)"
HELP = "Cloud Backup, help pages on backup policies"
ACCEPTANCE_TESTS = "aliyun/alicloud, acceptance tests of alicloud_hbr_policy"
SIMULATION = "alipolicy: which recovery points exist when"
