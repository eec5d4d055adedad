package cli

import (
	"fmt"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestHintOfRefusals: what is advised where the server refuses an object.
func TestHintOfRefusals(t *testing.T) {
	t.Parallel()
	refusal := func(reason metav1.StatusReason, message string, causes ...metav1.CauseType) error {
		status := metav1.Status{Reason: reason, Message: message, Details: &metav1.StatusDetails{}}
		for _, cause := range causes {
			status.Details.Causes = append(status.Details.Causes, metav1.StatusCause{Type: cause})
		}
		return fmt.Errorf("create: failed to create: %w", &apierrors.StatusError{ErrStatus: status})
	}
	for _, tt := range []struct {
		name string
		err  error
		want string // of the hint; empty for no hint
	}{
		{"rights", refusal(metav1.StatusReasonForbidden, `secrets is forbidden: User "x" cannot list resource`), "lacks that right"},
		{"a namespace that goes", refusal(metav1.StatusReasonForbidden, `secrets "a" is forbidden: unable to create new content in namespace n because it is being terminated`, "NamespaceTerminating"), "is being deleted"},
		{"a quota", refusal(metav1.StatusReasonForbidden, `secrets "a" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=2, limited: secrets=2`), "kubectl describe quota"},
		{"a webhook", refusal("", `admission webhook "a.example.com" denied the request: no`), "validatingwebhookconfigurations"},
		{"a webhook that forbids", refusal(metav1.StatusReasonForbidden, `admission webhook "a.example.com" denied the request: no`), "validatingwebhookconfigurations"},
		{"something else", refusal(metav1.StatusReasonForbidden, `pods "a" is forbidden: violates PodSecurity "restricted:latest"`), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := hint(tt.err); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("hint %q, want %q", got, tt.want)
			}
		})
	}
}
