package kube

import (
	"errors"
	"regexp"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// hideValues takes out of the error of a write what the server repeats of the
// object: of every kind the whole object, which it quotes when a patch does not
// fit the kind's type, and of a Secret each value.
func hideValues(ref manifest.Ref, err error) error {
	var status *statusError
	if !errors.As(err, &status) {
		return err
	}
	hide := func(text string) string {
		text = regexp.MustCompile(`patch: Invalid value: "(\\.|[^"\\])*": `).ReplaceAllString(text, "patch: ")
		if ref.Kind != "Secret" || ref.Group() != "" {
			return text
		}
		text = regexp.MustCompile(`Invalid value: "(\\.|[^"\\])*"`).ReplaceAllString(text, "Invalid value: (hidden)")
		text = regexp.MustCompile(`(?m)got &\{.*$`).ReplaceAllString(text, "got (hidden)")
		return regexp.MustCompile(`(?m)valueUnstructured\{Value:.*$`).ReplaceAllString(text, "(hidden)")
	}
	status.ErrStatus.Message = hide(status.ErrStatus.Message)
	if details := status.ErrStatus.Details; details != nil {
		for i := range details.Causes {
			details.Causes[i].Message = hide(details.Causes[i].Message)
		}
	}
	return err
}
