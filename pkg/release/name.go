package release

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The rule for names of releases. It is Helm's: a DNS subdomain, short enough
// for the names that charts make of it.
const (
	NamePattern   = `^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`
	MaxNameLength = 53
)

// ErrInvalidName is for a name that no release can have. Its text says which
// can.
var ErrInvalidName = fmt.Errorf("invalid release name, must match regex %s and the length must not be longer than %d",
	NamePattern, MaxNameLength)

// errNoName is ErrInvalidName for the empty name, in Helm's words.
var errNoName = noNameError{}

type noNameError struct{}

func (noNameError) Error() string        { return "no name provided" }
func (noNameError) Is(target error) bool { return target == ErrInvalidName }

// ValidateName returns nil for a name that a release can have, and otherwise an
// error that is ErrInvalidName and names the name.
func ValidateName(name string) error {
	if name == "" {
		return fmt.Errorf("release name %q: %w", name, errNoName)
	}
	if len(name) > MaxNameLength || !regexp.MustCompile(NamePattern).MatchString(name) {
		return fmt.Errorf("release name %q: %w", name, ErrInvalidName)
	}
	return nil
}

// GenerateName makes the name of a release from how its chart was given (a
// path, a URL, "repo/chart"): the last element up to its first dot, and the
// time in seconds. The rule is Helm's; the name can be invalid.
func GenerateName(chartArg string, now time.Time) string {
	base := path.Base(strings.ReplaceAll(chartArg, `\`, "/"))
	if base == "." || base == "" {
		base = "chart"
	}
	if i := strings.IndexAny(base, ":@"); i >= 0 && strings.HasPrefix(chartArg, "oci://") {
		// In Helm the tag and the digest spoil the name.
		base = base[:i]
	}
	base, _, _ = strings.Cut(base, ".")
	return base + "-" + strconv.FormatInt(now.Unix(), 10)
}

// MaxDescriptionLength is the most characters that a description which a user
// gives may have.
const MaxDescriptionLength = 256

// ValidateDescription refuses a description that is too long. Helm does so in
// rollbacks only.
func ValidateDescription(description string) error {
	if n := utf8.RuneCountInString(description); n > MaxDescriptionLength {
		return fmt.Errorf("description must be %d characters or less, got %d", MaxDescriptionLength, n)
	}
	return nil
}

// The labels that stores write on every record. They are Helm's.
const (
	labelName       = "name"
	labelOwner      = "owner"
	labelStatus     = "status"
	labelVersion    = "version"
	labelCreatedAt  = "createdAt"
	labelModifiedAt = "modifiedAt"

	labelOwnerHelm = "helm"
)

// SystemLabels are the keys of the labels that stores write themselves and that
// users cannot set, in the order in which messages list them.
func SystemLabels() []string {
	return []string{labelName, labelOwner, labelStatus, labelVersion, labelCreatedAt, labelModifiedAt}
}

// ErrSystemLabel is for labels that users cannot set.
var ErrSystemLabel = errors.New("user supplied labels contains system reserved label name")

// ValidateLabels refuses labels whose keys are among SystemLabels. The error is
// ErrSystemLabel.
func ValidateLabels(labels map[string]string) error {
	for _, key := range SystemLabels() {
		if _, ok := labels[key]; ok {
			return fmt.Errorf("%w. System labels: %v", ErrSystemLabel, SystemLabels())
		}
	}
	return nil
}

// userLabels returns those labels of a record that are not SystemLabels, in a
// new map; nil if there are none.
func userLabels(labels map[string]string) map[string]string {
	return MergeLabels(labels, nil)
}

// MergeLabels returns the labels of the next revision: those that users set on
// the last one, and changes over them, in a new map; nil if there are none. The
// value "null" removes a label. The rule is Helm's.
func MergeLabels(last, changes map[string]string) map[string]string {
	merged := maps.Clone(last)
	maps.DeleteFunc(merged, func(key, _ string) bool { return slices.Contains(SystemLabels(), key) })
	for key, value := range changes {
		if value == "null" {
			delete(merged, key)
			continue
		}
		if merged == nil {
			merged = make(map[string]string, len(changes))
		}
		merged[key] = value
	}
	if len(merged) == 0 {
		return nil
	}
	return merged
}
