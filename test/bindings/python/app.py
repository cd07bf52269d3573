"""The Python twin of typescript/app.ts: `app.py [badCidr|unmetExpectation]`."""
import sys

import aws_cdk as cdk
import cdk8s
import cdk8s_plus_27 as kplus
from aws_cdk import aws_eks_v2 as eks
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from cdk_secure_eks import ClusterEndpointAccess, InternalLoadBalancer, NetworkPeer, NetworkPort, PodSecurityLevel, SecureEksCluster

mistake = sys.argv[1] if len(sys.argv) > 1 else None

app = cdk.App()
stack = cdk.Stack(app, "Bindings", env=cdk.Environment(account="111122223333", region="eu-west-1"))
layer = lambda_.LayerVersion.from_layer_version_arn(stack, "Kubectl", "arn:aws:lambda:eu-west-1:111122223333:layer:kubectl:1")
admin = iam.Role(stack, "Admin", assumed_by=iam.AccountRootPrincipal())

cluster = SecureEksCluster(
    stack,
    "Cluster",
    version=eks.KubernetesVersion.V1_35,
    kubectl_layer=layer,
    admins=[admin],
    endpoint_access=ClusterEndpointAccess.public_from("office" if mistake == "badCidr" else "52.94.76.0/24"),
)
cluster.add_nodegroup("General", min_size=2, max_size=4, labels={"pool": "general"})
shop = cluster.add_namespace("shop", labels={"team": "shop"}, pod_security=PodSecurityLevel.PRIVILEGED)

chart = cdk8s.Chart(cdk8s.App(), "web")
web = kplus.Deployment(
    chart,
    "web",
    metadata=cdk8s.ApiObjectMetadata(name="web", namespace="shop"),
    pod_metadata=cdk8s.ApiObjectMetadata(labels={"app": "web"}),
    containers=[kplus.ContainerProps(image="public.ecr.aws/nginx/nginx-unprivileged:1.29", port_number=8080)],
)
service = kplus.Service(
    chart,
    "service",
    metadata=cdk8s.ApiObjectMetadata(name="web", namespace="shop"),
    type=kplus.ServiceType.LOAD_BALANCER,
    selector=web,
    ports=[kplus.ServicePort(port=80, target_port=8080)],
)
InternalLoadBalancer.apply(service, sources=["10.20.0.0/16"])
cluster.add_cdk8s_chart("Web", chart)

cluster.add_manifest("Cache", {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "cache", "namespace": "shop", "labels": {"app": "cache"}},
    "spec": {"containers": [{"name": "cache", "image": "docker.io/valkey/valkey:8.1.4", "ports": [{"containerPort": 6379}]}]},
})
cluster.add_manifest("NodeMetrics", {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "node-metrics", "namespace": "shop"},
    "spec": {"hostNetwork": True, "containers": [{"name": "exporter", "image": "quay.io/prometheus/node-exporter:v1.9.1"}]},
})
cluster.acknowledge("cdk-secure-eks:workloadOnHostNetwork", subject="Pod shop/node-metrics", reason="measures the network of its node")

web_pods = shop.pods({"app": "web"})
cache = NetworkPeer.pods("shop", {"app": "cache"})
cluster.allow_traffic("WebToCache", source=web_pods, destination=cache, ports=[NetworkPort.tcp(6379)], description="sessions")
cluster.expect_allowed("WebReachesCache", source=web_pods, destination=cache, ports=[NetworkPort.tcp(6379)])
cluster.expect_denied("CacheNeverReachesWeb", source=cache, destination=web_pods)
cluster.expect_denied("WebNeverReachesMetadata", source=web_pods, destination=NetworkPeer.instance_metadata())
if mistake == "unmetExpectation":
    cluster.expect_denied("WebNeverReachesCache", source=web_pods, destination=cache)

app.synth()
