package manifest

import (
	"cmp"
	"slices"
)

// installOrder returns the kinds in the order in which Helm 4 installs them.
func installOrder() []string {
	return []string{
		"PriorityClass",
		"Namespace",
		"NetworkPolicy",
		"ResourceQuota",
		"LimitRange",
		"PodSecurityPolicy",
		"PodDisruptionBudget",
		"ServiceAccount",
		"Secret",
		"SecretList",
		"ConfigMap",
		"StorageClass",
		"PersistentVolume",
		"PersistentVolumeClaim",
		"CustomResourceDefinition",
		"ClusterRole",
		"ClusterRoleList",
		"ClusterRoleBinding",
		"ClusterRoleBindingList",
		"Role",
		"RoleList",
		"RoleBinding",
		"RoleBindingList",
		"Service",
		"DaemonSet",
		"Pod",
		"ReplicationController",
		"ReplicaSet",
		"Deployment",
		"HorizontalPodAutoscaler",
		"StatefulSet",
		"Job",
		"CronJob",
		"IngressClass",
		"Ingress",
		"APIService",
		"MutatingWebhookConfiguration",
		"ValidatingWebhookConfiguration",
	}
}

// SortInstall sorts manifests in place, stably, into the order in which Helm
// installs them: by kind, kinds that the order does not know last and by name
// of the kind. Objects of one kind keep their order.
func SortInstall(manifests []Manifest) { sortByKind(manifests, installOrder(), Manifest.kind) }

// SortInstallHooks sorts hooks as SortInstall does manifests.
func SortInstallHooks(hooks []Hook) { sortByKind(hooks, installOrder(), Hook.kind) }

// SortUninstall sorts manifests in place, stably, into the order in which Helm
// deletes them: the install order backwards, but Services before all that runs;
// unknown kinds are last here too.
func SortUninstall(manifests []Manifest) {
	order := slices.DeleteFunc(installOrder(), func(kind string) bool { return kind == "Service" })
	slices.Reverse(order)
	order = slices.Insert(order, slices.Index(order, "CronJob"), "Service")
	sortByKind(manifests, order, Manifest.kind)
}

func (m Manifest) kind() string { return m.Ref.Kind }

func sortByKind[T any](items []T, order []string, kind func(T) string) {
	rank := make(map[string]int, len(order))
	for i, k := range order {
		rank[k] = i
	}
	type ranked struct {
		rank int
		kind string // of those that the order does not know
		item T
	}
	rankOf := func(item T) ranked {
		k := kind(item)
		if r, known := rank[k]; known {
			return ranked{rank: r, item: item}
		}
		return ranked{rank: len(order), kind: k, item: item}
	}
	compare := func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.kind, b.kind))
	}
	// Many lists are in order, and need no copy.
	if slices.IsSortedFunc(items, func(a, b T) int { return compare(rankOf(a), rankOf(b)) }) {
		return
	}
	list := make([]ranked, len(items))
	for i, item := range items {
		list[i] = rankOf(item)
	}
	slices.SortStableFunc(list, compare)
	for i, r := range list {
		items[i] = r.item
	}
}
