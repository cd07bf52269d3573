package bindings;

import io.github.cdksecureeks.AcknowledgeOptions;
import io.github.cdksecureeks.ClusterEndpointAccess;
import io.github.cdksecureeks.ClusterNamespace;
import io.github.cdksecureeks.ClusterNamespaceOptions;
import io.github.cdksecureeks.ConnectivityExpectationOptions;
import io.github.cdksecureeks.InternalLoadBalancer;
import io.github.cdksecureeks.InternalLoadBalancerOptions;
import io.github.cdksecureeks.NetworkPeer;
import io.github.cdksecureeks.NetworkPort;
import io.github.cdksecureeks.NodegroupOptions;
import io.github.cdksecureeks.PodSecurityLevel;
import io.github.cdksecureeks.SecureEksCluster;
import io.github.cdksecureeks.TrafficRuleOptions;
import java.util.List;
import java.util.Map;
import org.cdk8s.ApiObjectMetadata;
import org.cdk8s.Chart;
import org.cdk8s.plus27.ContainerProps;
import org.cdk8s.plus27.Deployment;
import org.cdk8s.plus27.Service;
import org.cdk8s.plus27.ServicePort;
import org.cdk8s.plus27.ServiceType;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.eks_v2.KubernetesVersion;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.lambda.ILayerVersion;
import software.amazon.awscdk.services.lambda.LayerVersion;

/** The Java twin of typescript/app.ts: {@code Bindings [badCidr|unmetExpectation]}. */
public final class Bindings {
  public static void main(final String[] args) {
    String mistake = args.length > 0 ? args[0] : "";

    App app = new App();
    Stack stack = new Stack(app, "Bindings", StackProps.builder()
        .env(Environment.builder().account("111122223333").region("eu-west-1").build()).build());
    ILayerVersion layer = LayerVersion.fromLayerVersionArn(stack, "Kubectl", "arn:aws:lambda:eu-west-1:111122223333:layer:kubectl:1");
    Role admin = Role.Builder.create(stack, "Admin").assumedBy(new AccountRootPrincipal()).build();

    SecureEksCluster cluster = SecureEksCluster.Builder.create(stack, "Cluster")
        .version(KubernetesVersion.V1_35)
        .kubectlLayer(layer)
        .admins(List.of(admin))
        .endpointAccess(ClusterEndpointAccess.publicFrom(mistake.equals("badCidr") ? "office" : "52.94.76.0/24"))
        .build();
    cluster.addNodegroup("General", NodegroupOptions.builder().minSize(2).maxSize(4).labels(Map.of("pool", "general")).build());
    ClusterNamespace shop = cluster.addNamespace("shop", ClusterNamespaceOptions.builder().labels(Map.of("team", "shop"))
        .podSecurity(PodSecurityLevel.PRIVILEGED).build());

    Chart chart = new Chart(new org.cdk8s.App(), "web");
    Deployment web = Deployment.Builder.create(chart, "web")
        .metadata(ApiObjectMetadata.builder().name("web").namespace("shop").build())
        .podMetadata(ApiObjectMetadata.builder().labels(Map.of("app", "web")).build())
        .containers(List.of(ContainerProps.builder().image("public.ecr.aws/nginx/nginx-unprivileged:1.29").portNumber(8080).build()))
        .build();
    Service service = Service.Builder.create(chart, "service")
        .metadata(ApiObjectMetadata.builder().name("web").namespace("shop").build())
        .type(ServiceType.LOAD_BALANCER)
        .selector(web)
        .ports(List.of(ServicePort.builder().port(80).targetPort(8080).build()))
        .build();
    InternalLoadBalancer.apply(service, InternalLoadBalancerOptions.builder().sources(List.of("10.20.0.0/16")).build());
    cluster.addCdk8sChart("Web", chart);

    cluster.addManifest("Cache", Map.of(
        "apiVersion", "v1",
        "kind", "Pod",
        "metadata", Map.of("name", "cache", "namespace", "shop", "labels", Map.of("app", "cache")),
        "spec", Map.of("containers", List.of(
            Map.of("name", "cache", "image", "docker.io/valkey/valkey:8.1.4", "ports", List.of(Map.of("containerPort", 6379)))))));
    cluster.addManifest("NodeMetrics", Map.of(
        "apiVersion", "v1",
        "kind", "Pod",
        "metadata", Map.of("name", "node-metrics", "namespace", "shop"),
        "spec", Map.of("hostNetwork", true, "containers", List.of(
            Map.of("name", "exporter", "image", "quay.io/prometheus/node-exporter:v1.9.1")))));
    cluster.acknowledge("cdk-secure-eks:workloadOnHostNetwork", AcknowledgeOptions.builder()
        .subject("Pod shop/node-metrics").reason("measures the network of its node").build());

    NetworkPeer webPods = shop.pods(Map.of("app", "web"));
    NetworkPeer cache = NetworkPeer.pods("shop", Map.of("app", "cache"));
    cluster.allowTraffic("WebToCache", TrafficRuleOptions.builder()
        .source(webPods).destination(cache).ports(List.of(NetworkPort.tcp(6379))).description("sessions").build());
    cluster.expectAllowed("WebReachesCache", ConnectivityExpectationOptions.builder()
        .source(webPods).destination(cache).ports(List.of(NetworkPort.tcp(6379))).build());
    cluster.expectDenied("CacheNeverReachesWeb", ConnectivityExpectationOptions.builder().source(cache).destination(webPods).build());
    cluster.expectDenied("WebNeverReachesMetadata", ConnectivityExpectationOptions.builder()
        .source(webPods).destination(NetworkPeer.instanceMetadata()).build());
    if (mistake.equals("unmetExpectation")) {
      cluster.expectDenied("WebNeverReachesCache", ConnectivityExpectationOptions.builder().source(webPods).destination(cache).build());
    }

    app.synth();
  }

  private Bindings() {}
}
