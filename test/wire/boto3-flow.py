"""The main flows as boto3 users write them. Prints one JSON object of what was seen; any surprise is an exception."""
import json
import sys
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, job = sys.argv[1], json.loads(sys.argv[2])
client = boto3.client(
    "mediaconvert",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="AKIAEXAMPLE",
    aws_secret_access_key="a-configured-secret",
    config=Config(retries={"max_attempts": 1}),
)
seen = {}


def error_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    raise AssertionError("was not refused")


queue = client.create_queue(Name="From boto / 1", Tags={"team": "red"})["Queue"]
seen["queue"] = queue["Arn"]
# An ARN with slash, colon and space in the path: signed doubly encoded.
seen["tags"] = client.list_tags_for_resource(Arn=queue["Arn"])["ResourceTags"]["Tags"]
client.untag_resource(Arn=queue["Arn"], TagKeys=["team"])
seen["untagged"] = client.list_tags_for_resource(Arn=queue["Arn"])["ResourceTags"].get("Tags", {})
client.create_preset(Name="Boto preset", Settings={"ContainerSettings": {"Container": "MP4"}, "AudioDescriptions": [{"CodecSettings": {"Codec": "AAC", "AacSettings": {"Bitrate": 96000, "CodingMode": "CODING_MODE_2_0", "SampleRate": 48000}}}]})
seen["preset"] = client.get_preset(Name="Boto preset")["Preset"]["Settings"]["ContainerSettings"]["Container"]

ids = [client.create_job(Queue=queue["Arn"], UserMetadata={"n": str(n)}, **job)["Job"]["Id"] for n in range(3)]
pages = client.get_paginator("list_jobs") if client.can_paginate("list_jobs") else None
listed = []
token = {}
while True:
    page = client.list_jobs(Queue=queue["Arn"], MaxResults=2, **token)
    listed += [entry["Id"] for entry in page["Jobs"]]
    if "NextToken" not in page:
        break
    token = {"NextToken": page["NextToken"]}
seen["listed"] = sorted(listed) == sorted(ids)
client.cancel_job(Id=ids[0])
seen["canceled"] = client.get_job(Id=ids[0])["Job"]["Status"]
seen["cancelAgain"] = error_of(client.cancel_job, Id=ids[0])

seen["policy"] = client.put_policy(Policy={"HttpInputs": "DISALLOWED"})["Policy"]
client.delete_policy()
certificate = "arn:aws:acm:us-east-1:000000000000:certificate/7e8a21ad"
client.associate_certificate(Arn=certificate)
client.disassociate_certificate(Arn=certificate)
# Clients older than the operation do not have it.
if hasattr(client, "create_resource_share"):
    client.create_resource_share(JobId=ids[1], SupportCaseId="case-1")
    seen["share"] = client.get_job(Id=ids[1])["Job"]["ShareStatus"]
else:
    seen["share"] = "unknown to this client"
seen["endpoint"] = client.describe_endpoints(MaxResults=0)["Endpoints"][0]["Url"]

seen["notFound"] = error_of(client.get_queue, Name="Nowhere")
seen["conflict"] = error_of(client.create_queue, Name="From boto / 1")
seen["badRequest"] = error_of(client.create_job, Role="r", Settings={"Inputs": [{"FileInput": "nowhere"}]})
stranger = boto3.client(
    "mediaconvert", endpoint_url=endpoint, region_name="us-east-1",
    aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="not-the-secret",
)
seen["wrongSecret"] = error_of(stranger.list_queues)

# The presigned (query) form, sent by a client that knows nothing of AWS.
url = client.generate_presigned_url("get_queue", Params={"Name": queue["Arn"]}, ExpiresIn=60)
with urllib.request.urlopen(url) as answer:
    seen["presigned"] = json.load(answer)["queue"]["name"]
try:
    urllib.request.urlopen(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"))
except urllib.error.HTTPError as error:
    seen["presignedChanged"] = [error.headers["x-amzn-ErrorType"], error.code]

print(json.dumps(seen))
