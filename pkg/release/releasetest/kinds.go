package releasetest

import (
	"maps"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// Kind is a kind of objects that a Cluster serves.
type Kind struct {
	APIVersion string
	Kind       string
	// ClusterScoped kinds have no namespaces.
	ClusterScoped bool
	// Fields are the fields that an object has beside apiVersion, kind and
	// metadata; nil means that any is allowed.
	Fields []string
}

// kindID names a kind in one version.
type kindID struct{ apiVersion, kind string }

func kindOf(ref manifest.Ref) kindID { return kindID{ref.APIVersion, ref.Kind} }

// kinds are what a server serves.
type kinds map[kindID]Kind

func (k kinds) add(kind Kind) { k[kindID{kind.APIVersion, kind.Kind}] = kind }

// builtinKinds are as many of the kinds of a cluster as charts mostly use.
func builtinKinds() kinds {
	served := kinds{}
	for _, g := range []struct{ apiVersion, namespaced, clusterScoped string }{
		{
			"v1", "Endpoints Event LimitRange PersistentVolumeClaim Pod ReplicationController ResourceQuota Service",
			"Namespace Node PersistentVolume",
		},
		{"apps/v1", "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet", ""},
		{"autoscaling/v2", "HorizontalPodAutoscaler", ""},
		{"batch/v1", "CronJob Job", ""},
		{"discovery.k8s.io/v1", "EndpointSlice", ""},
		{"networking.k8s.io/v1", "Ingress NetworkPolicy", "IngressClass"},
		{"policy/v1", "PodDisruptionBudget", ""},
		{"rbac.authorization.k8s.io/v1", "Role RoleBinding", "ClusterRole ClusterRoleBinding"},
		{"scheduling.k8s.io/v1", "", "PriorityClass"},
		{"storage.k8s.io/v1", "", "StorageClass"},
		{"admissionregistration.k8s.io/v1", "", "MutatingWebhookConfiguration ValidatingWebhookConfiguration"},
		{"apiextensions.k8s.io/v1", "", "CustomResourceDefinition"},
		{"apiregistration.k8s.io/v1", "", "APIService"},
	} {
		for kind := range strings.FieldsSeq(g.namespaced) {
			served.add(Kind{APIVersion: g.apiVersion, Kind: kind})
		}
		for kind := range strings.FieldsSeq(g.clusterScoped) {
			served.add(Kind{APIVersion: g.apiVersion, Kind: kind, ClusterScoped: true})
		}
	}
	for kind, fields := range map[string][]string{
		"ConfigMap":      {"binaryData", "data", "immutable"},
		"Secret":         {"data", "immutable", "stringData", "type"},
		"ServiceAccount": {"automountServiceAccountToken", "imagePullSecrets", "secrets"},
	} {
		served.add(Kind{APIVersion: "v1", Kind: kind, Fields: fields})
	}
	return served
}

// apiVersions lists kinds as discovery does: "apps/v1" and "apps/v1/Deployment".
func (k kinds) apiVersions() []string {
	names := map[string]bool{}
	for id := range k {
		names[id.apiVersion] = true
		names[id.apiVersion+"/"+id.kind] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// unknownFields are the fields of an object that its kind lacks, sorted.
func (k Kind) unknownFields(content map[string]any) []string {
	if k.Fields == nil {
		return nil
	}
	known := append([]string{"apiVersion", "kind", "metadata"}, k.Fields...)
	var unknown []string
	for _, field := range slices.Sorted(maps.Keys(content)) {
		if !slices.Contains(known, field) {
			unknown = append(unknown, field)
		}
	}
	return unknown
}

// isDefinition says whether an object brings kinds with it.
func isDefinition(ref manifest.Ref) bool {
	return ref.Kind == "CustomResourceDefinition" && ref.Group() == "apiextensions.k8s.io"
}

// definedKinds are the kinds that a definition serves.
func definedKinds(crd map[string]any) []Kind {
	spec := mapAt(crd, "spec")
	group, kind := stringAt(spec, "group"), stringAt(mapAt(spec, "names"), "kind")
	versions, _ := spec["versions"].([]any)
	var defined []Kind
	for _, v := range versions {
		version, _ := v.(map[string]any)
		if served, _ := version["served"].(bool); served {
			defined = append(defined, Kind{
				APIVersion: group + "/" + stringAt(version, "name"), Kind: kind,
				ClusterScoped: stringAt(spec, "scope") == "Cluster",
			})
		}
	}
	return defined
}

func mapAt(m map[string]any, key string) map[string]any {
	v, _ := m[key].(map[string]any)
	return v
}

func stringAt(m map[string]any, key string) string {
	v, _ := m[key].(string)
	return v
}
