package nodes

import (
	_ "embed"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
)

// Annotations of a pod that choose how it fares; the first may be a label as well. README.md documents the values.
const (
	readyAfter     = "controlplane.test/ready-after"
	completeAfter  = "controlplane.test/complete-after"
	terminateAfter = "controlplane.test/terminate-after"
)

var (
	//go:embed files/pod-next.jq
	podNext string
	//go:embed files/pod-status.yaml
	podStatus string
	//go:embed files/node-status.yaml
	nodeStatus string
	//go:embed files/volume.yaml
	volume string
)

const loadBalancerStatus = `
loadBalancer:
  ingress:
  - ip: 127.0.0.1
`

// stages returns what kwok does to each kind of object: a stage that selects an object is played on it, and the
// object as changed by that is matched anew.
func stages() map[internalversion.StageResourceRef][]*internalversion.Stage {
	ref := func(kind string) internalversion.StageResourceRef {
		return internalversion.StageResourceRef{APIGroup: "v1", Kind: kind}
	}
	return map[internalversion.StageResourceRef][]*internalversion.Stage{
		ref("Node"): {stage("ready",
			where(`any(.status.conditions[]?; .type == "Ready" and .status == "True") | not`),
			patchStatus(nodeStatus))},
		ref("Pod"): {
			podStage("start", ""),
			podStage("ready", readyAfter),
			podStage("complete", completeAfter),
			podStage("fail", completeAfter),
			podStage("image-pull-backoff", ""),
			podStage("crash-loop", ""),
			delayed(stage("delete", is(podNext, "delete"), internalversion.StageStep{Delete: true}), terminateAfter),
		},
		ref("Service"): {stage("load-balancer",
			where(`.spec.type == "LoadBalancer" and .metadata.deletionTimestamp == null
				and ((.status.loadBalancer.ingress // []) | length) == 0`),
			patchStatus(loadBalancerStatus))},
		ref("PersistentVolumeClaim"): {stage("provision",
			where(fmt.Sprintf(`.spec.storageClassName == %q and .metadata.deletionTimestamp == null
				and (.spec.volumeName // "") == ""`, storageClass)),
			internalversion.StageStep{Apply: &internalversion.StageApply{Template: volume}})},
		ref("PersistentVolume"): {stage("delete",
			where(fmt.Sprintf(`.spec.storageClassName == %q and .metadata.deletionTimestamp == null and .status.phase == "Released"
				and .spec.persistentVolumeReclaimPolicy == "Delete"`, storageClass)),
			internalversion.StageStep{Delete: true})},
	}
}

func podStage(name, delay string) *internalversion.Stage {
	return delayed(stage(name, is(podNext, name), patchStatus(fmt.Sprintf("{{ $stage := %q }}", name)+podStatus)), delay)
}

func stage(name string, when internalversion.MatchExpression, do internalversion.StageStep) *internalversion.Stage {
	return &internalversion.Stage{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: internalversion.StageSpec{
			Selector: &internalversion.StageSelector{MatchExpressions: []internalversion.MatchExpression{when}},
			Steps:    []internalversion.StageStep{do},
		},
	}
}

// delayed holds a stage back for the duration that the object's annotation names; without it the stage is immediate.
func delayed(s *internalversion.Stage, annotation string) *internalversion.Stage {
	if annotation != "" {
		s.Spec.Delay = &internalversion.StageDelay{DurationFrom: &internalversion.ExpressionFrom{
			JQ: &internalversion.ExpressionJQ{Expression: fmt.Sprintf(".metadata.annotations[%q]", annotation)},
		}}
	}
	return s
}

// is selects the objects for which a jq program yields a value.
func is(program, value string) internalversion.MatchExpression {
	return internalversion.MatchExpression{JQ: &internalversion.SelectorJQ{
		Key: program, Operator: internalversion.SelectorOpIn, Values: []string{value},
	}}
}

// where selects the objects for which a jq condition holds.
func where(condition string) internalversion.MatchExpression { return is(condition, "true") }

func patchStatus(template string) internalversion.StageStep {
	return internalversion.StageStep{Patch: &internalversion.StagePatch{
		Root: "status", Subresource: "status", Template: template,
	}}
}
