package acceptance_test

import (
	"context"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// summary is what a pod's behaviour shows in: phase, readiness, and why its container does not run.
type summary struct {
	phase  corev1.PodPhase
	ready  bool
	reason string
}

func summarise(p *corev1.Pod) summary {
	s := summary{phase: p.Status.Phase}
	for _, c := range p.Status.Conditions {
		s.ready = s.ready || c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	}
	for _, c := range p.Status.ContainerStatuses {
		switch {
		case c.State.Waiting != nil:
			s.reason = c.State.Waiting.Reason
		case c.State.Terminated != nil:
			s.reason = c.State.Terminated.Reason
		}
	}
	return s
}

func createPod(t *testing.T, ns string, tmpl corev1.PodTemplateSpec) {
	t.Helper()
	pod := &corev1.Pod{ObjectMeta: tmpl.ObjectMeta, Spec: tmpl.Spec}
	pod.Name = "p"
	if _, err := shared.client.CoreV1().Pods(ns).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func awaitPod(t *testing.T, ns string, want summary) {
	t.Helper()
	eventually(t, func(ctx context.Context) error {
		p, err := shared.client.CoreV1().Pods(ns).Get(ctx, "p", metav1.GetOptions{})
		if err == nil && summarise(p) != want {
			err = fmt.Errorf("pod is %+v, want %+v", summarise(p), want)
		}
		return err
	})
}

func TestPodBehaviour(t *testing.T) {
	t.Parallel()
	const always, never, onFailure = corev1.RestartPolicyAlways, corev1.RestartPolicyNever, corev1.RestartPolicyOnFailure
	tests := []struct {
		want      string
		restart   corev1.RestartPolicy
		readyTime string
		summary   summary
	}{
		{"", always, "", summary{corev1.PodRunning, true, ""}},
		{"", always, "200ms", summary{corev1.PodRunning, true, ""}},
		{"", always, "24h", summary{corev1.PodRunning, false, ""}},
		{"", never, "", summary{corev1.PodSucceeded, false, "Completed"}},
		{"run", onFailure, "", summary{corev1.PodSucceeded, false, "Completed"}},
		{"keep-running", never, "", summary{corev1.PodRunning, true, ""}},
		{"never-ready", always, "", summary{corev1.PodRunning, false, ""}},
		{"fail", never, "", summary{corev1.PodFailed, false, "Error"}},
		{"fail", always, "", summary{corev1.PodRunning, false, "CrashLoopBackOff"}},
		{"crash-loop", always, "", summary{corev1.PodRunning, false, "CrashLoopBackOff"}},
		{"image-pull-backoff", always, "", summary{corev1.PodPending, false, "ImagePullBackOff"}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s/%s/%s", tt.want, tt.restart, tt.readyTime), func(t *testing.T) {
			t.Parallel()
			annotations := map[string]string{}
			if tt.want != "" {
				annotations["controlplane.test/pod"] = tt.want
			}
			if tt.readyTime != "" {
				annotations["controlplane.test/ready-after"] = tt.readyTime
			}
			ns := namespace(t)
			createPod(t, ns, template(annotations, tt.restart))
			awaitPod(t, ns, tt.summary)
		})
	}
}

func TestPodBehaviourByLabelAndChange(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	tmpl := template(nil, "")
	tmpl.Labels = map[string]string{"controlplane.test/pod": "never-ready"}
	createPod(t, ns, tmpl)
	awaitPod(t, ns, summary{corev1.PodRunning, false, ""})
	patch := []byte(`{"metadata":{"labels":{"controlplane.test/pod":null}}}`)
	_, err := shared.client.CoreV1().Pods(ns).Patch(t.Context(), "p", "application/merge-patch+json", patch, metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	awaitPod(t, ns, summary{corev1.PodRunning, true, ""})
}

func TestPodTermination(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	createPod(t, ns, template(map[string]string{"controlplane.test/terminate-after": "24h"}, ""))
	awaitPod(t, ns, summary{corev1.PodRunning, true, ""})
	pods := shared.client.CoreV1().Pods(ns)
	if err := pods.Delete(t.Context(), "p", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := pods.Get(t.Context(), "p", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p.DeletionTimestamp == nil {
		t.Error("the pod does not terminate")
	}
	patch := []byte(`{"metadata":{"annotations":null}}`)
	if _, err := pods.Patch(t.Context(), "p", "application/merge-patch+json", patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		_, err := pods.Get(ctx, "p", metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("the pod is still there (%v)", err)
	})
}

// TestPodSuccessor deletes pods that have ended, which go at once, and makes new ones by
// the same names: nobody deletes those.
func TestPodSuccessor(t *testing.T) {
	t.Parallel()
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			ns := namespace(t)
			pods := shared.client.CoreV1().Pods(ns)
			for range 3 {
				createPod(t, ns, template(nil, corev1.RestartPolicyNever))
				awaitPod(t, ns, summary{corev1.PodSucceeded, false, "Completed"})
				if err := pods.Delete(t.Context(), "p", metav1.DeleteOptions{}); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestPodLogs(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	createPod(t, ns, template(map[string]string{"controlplane.test/logs": "one\ntwo"}, corev1.RestartPolicyNever))
	awaitPod(t, ns, summary{corev1.PodSucceeded, false, "Completed"})
	got, err := shared.client.CoreV1().Pods(ns).GetLogs("p", &corev1.PodLogOptions{}).DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := "one\ntwo\n"; string(got) != want {
		t.Errorf("logs are %q, want %q", got, want)
	}
}
