package kube

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// judgeLegacy judges a live object as Helm 3 does, and Helm 4 with
// --wait=legacy. What such a wait does not look at is ready as soon as it
// exists.
func judgeLegacy(s *release.State, opts release.WatchOptions) {
	problem := ""
	spec, status := mapAt(s.Object, "spec"), mapAt(s.Object, "status")
	switch (groupKind{s.Ref.Group(), s.Ref.Kind}) {
	case groupKind{"", "Pod"}:
		if !hasCondition(s.Object, "Ready") {
			problem = "Pod is not ready"
		}
	case groupKind{"batch", "Job"}:
		if opts.JobsComplete {
			s.Status, s.Message = legacyJob(spec, status)
			return
		}
	case groupKind{"apps", "Deployment"}:
		problem = legacyDeployment(s.Object)
	case groupKind{"", "PersistentVolumeClaim"}:
		problem = legacyClaim(status)
	case groupKind{"", "Service"}:
		problem = legacyService(spec, status)
	case groupKind{"apps", "DaemonSet"}:
		problem = legacyDaemonSet(s.Object)
	case groupKind{"apps", "StatefulSet"}:
		problem = legacyStatefulSet(s.Object)
	case groupKind{"apps", "ReplicaSet"}, groupKind{"", "ReplicationController"}:
		problem = legacyReplicas(s.Object)
	case groupKind{"apiextensions.k8s.io", "CustomResourceDefinition"}:
		problem = legacyDefinition(s.Object)
	}
	s.Status, s.Message = release.ObjectCurrent, "Resource is ready"
	if problem != "" {
		s.Status, s.Message = release.ObjectInProgress, problem
	}
}

func legacyClaim(status map[string]any) string {
	if phase := stringAt(status, "phase"); phase != "Bound" {
		return fmt.Sprintf("PVC is not Bound. phase: %s", phase)
	}
	return ""
}

// legacyDefinition takes names that clash as ready: they never become free by
// waiting.
func legacyDefinition(object map[string]any) string {
	if hasCondition(object, "Established") || conditionStatus(object, "NamesAccepted") == "False" {
		return ""
	}
	return "Install in progress"
}

// legacyJob judges a Job that must complete.
func legacyJob(spec, status map[string]any) (release.ObjectStatus, string) {
	failed, succeeded := intAt(status, "failed", 0), intAt(status, "succeeded", 0)
	switch {
	case failed > intAt(spec, "backoffLimit", 6):
		return release.ObjectFailed, fmt.Sprintf("Job Failed. failed: %d", failed)
	case succeeded < intAt(spec, "completions", 0):
		return release.ObjectInProgress, fmt.Sprintf("Job in progress. succeeded: %d/%d", succeeded, intAt(spec, "completions", 0))
	default:
		return release.ObjectCurrent, "Job Completed"
	}
}

// notObserved says that the status is of an older generation; empty if not. A
// status that tells no generation is one that is not there yet.
func notObserved(object map[string]any) string {
	generation := intAt(mapAt(object, "metadata"), "generation", 0)
	observed := intAt(mapAt(object, "status"), "observedGeneration", 0)
	if observed >= generation {
		return ""
	}
	return fmt.Sprintf("generation is %d, but latest observed generation is %d", generation, observed)
}

// legacyDeployment counts the pods of the newest revision. The status counts
// those of all revisions as one; as many of them may be old as are not updated,
// so that is how many are taken off.
func legacyDeployment(object map[string]any) string {
	spec, status := mapAt(object, "spec"), mapAt(object, "status")
	if paused, _ := spec["paused"].(bool); paused {
		return ""
	}
	if problem := notObserved(object); problem != "" {
		return problem
	}
	want := intAt(spec, "replicas", 1)
	old := intAt(status, "replicas", 0) - intAt(status, "updatedReplicas", 0)
	ready := max(intAt(status, "readyReplicas", 0)-old, 0)
	if ready < want-deploymentUnavailable(spec, want) {
		return fmt.Sprintf("Ready: %d/%d", ready, want)
	}
	return ""
}

// deploymentUnavailable is how many pods of a Deployment may be missing. If
// neither more nor fewer than wanted may run, one may be missing: otherwise
// there would be no way to roll out.
func deploymentUnavailable(spec map[string]any, replicas int64) int64 {
	strategy := mapAt(spec, "strategy")
	if kind := stringAt(strategy, "type"); kind != "" && kind != "RollingUpdate" || replicas == 0 {
		return 0
	}
	rolling := mapAt(strategy, "rollingUpdate")
	unavailable := share(rolling, "maxUnavailable", "25%", replicas, math.Floor)
	if unavailable == 0 && share(rolling, "maxSurge", "25%", replicas, math.Ceil) == 0 {
		return 1
	}
	return min(unavailable, replicas)
}

// share reads a number, or a percentage of total.
func share(m map[string]any, key, fallback string, total int64, round func(float64) float64) int64 {
	text := fallback
	switch v := m[key].(type) {
	case string:
		text = v
	case int64:
		return v
	case float64:
		return int64(v)
	}
	percent, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil {
		return 0
	}
	if !strings.HasSuffix(text, "%") {
		return int64(percent)
	}
	return int64(round(percent * float64(total) / 100))
}

func legacyService(spec, status map[string]any) string {
	kind := stringAt(spec, "type")
	if kind == "ExternalName" {
		return ""
	}
	if stringAt(spec, "clusterIP") == "" {
		return "Service has no cluster IP address"
	}
	if kind != "LoadBalancer" {
		return ""
	}
	external, _ := spec["externalIPs"].([]any)
	ingress, _ := mapAt(status, "loadBalancer")["ingress"].([]any)
	if len(external) == 0 && len(ingress) == 0 {
		return "Service has no external IP address"
	}
	return ""
}

// rollsOut says whether the pods of a DaemonSet or a StatefulSet are to be counted,
// with the bounds of its rolling update. Otherwise it is ready if there is no
// problem: nobody replaces its pods.
func rollsOut(object map[string]any) (rolling map[string]any, problem string, ok bool) {
	strategy := mapAt(mapAt(object, "spec"), "updateStrategy")
	if kind := stringAt(strategy, "type"); kind != "" && kind != "RollingUpdate" {
		return nil, "", false
	}
	problem = notObserved(object)
	return mapAt(strategy, "rollingUpdate"), problem, problem == ""
}

func legacyDaemonSet(object map[string]any) string {
	rolling, problem, ok := rollsOut(object)
	if !ok {
		return problem
	}
	status := mapAt(object, "status")
	desired := intAt(status, "desiredNumberScheduled", 0)
	if updated := intAt(status, "updatedNumberScheduled", 0); updated != desired {
		return fmt.Sprintf("Updated: %d/%d", updated, desired)
	}
	unavailable := share(rolling, "maxUnavailable", "1", desired, math.Ceil)
	if ready := intAt(status, "numberReady", 0); ready < desired-unavailable {
		return fmt.Sprintf("Ready: %d/%d", ready, desired)
	}
	return ""
}

func legacyStatefulSet(object map[string]any) string {
	rolling, problem, ok := rollsOut(object)
	if !ok {
		return problem
	}
	spec, status := mapAt(object, "spec"), mapAt(object, "status")
	replicas := intAt(spec, "replicas", 1)
	partition := intAt(rolling, "partition", 0)
	if updated := intAt(status, "updatedReplicas", 0); updated < replicas-partition {
		return fmt.Sprintf("Updated: %d/%d", updated, replicas-partition)
	}
	if ready := intAt(status, "readyReplicas", 0); ready != replicas {
		return fmt.Sprintf("Ready: %d/%d", ready, replicas)
	}
	if partition == 0 && stringAt(status, "currentRevision") != stringAt(status, "updateRevision") {
		return "the update to the newest revision is under way"
	}
	return ""
}

// legacyReplicas judges a ReplicaSet by what its status says of its pods.
func legacyReplicas(object map[string]any) string {
	if problem := notObserved(object); problem != "" {
		return problem
	}
	want := intAt(mapAt(object, "spec"), "replicas", 1)
	if ready := intAt(mapAt(object, "status"), "readyReplicas", 0); ready < want {
		return fmt.Sprintf("Ready: %d/%d", ready, want)
	}
	return ""
}
