package kube

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// saysImmutable recognises what API servers say of changes to fields that cannot
// change.
func saysImmutable(message string) bool {
	return slices.ContainsFunc([]string{
		"immutable", "cannot change roleRef", "updates to statefulset spec for fields other than",
		"pod updates may not change fields other than", "may not change once set", "may not be changed", "cannot be changed",
	}, func(sign string) bool { return strings.Contains(message, sign) })
}

// asImmutable tells an error of changes that no update can make from others.
func asImmutable(ref manifest.Ref, err error) error {
	var status *statusError
	if !errors.As(err, &status) || status.code != http.StatusUnprocessableEntity || status.ErrStatus.Details == nil {
		return err
	}
	var fields []string
	for _, cause := range status.ErrStatus.Details.Causes {
		if saysImmutable(cause.Message) && !slices.Contains(fields, cause.Field) {
			fields = append(fields, cause.Field)
		}
	}
	if len(fields) == 0 {
		return err
	}
	return &release.ImmutableError{Ref: ref, Fields: fields, Err: err}
}
