package kube

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// notWaitedFor is the value of release.AnnotationReady that opts out.
const notWaitedFor = "none"

// readyRule says when an object is ready, and when it has failed: what its
// annotations say, or a Readiness.
type readyRule struct {
	// none: it is ready as soon as it exists.
	none bool
	// ready and failed may be nil.
	ready, failed condition
}

// condition is a JSONPath or a CEL expression.
type condition interface {
	// check says what keeps an object from meeting the condition; empty if nothing
	// does.
	check(object map[string]any) string
	// String is the condition's text.
	String() string
}

// ruleFor is the rule of the client's Readiness for an object, or of its annotations;
// nil for none. Hooks have those of their annotations alone.
func (c *Client) ruleFor(ref manifest.Ref, object map[string]any, hooks bool) (*readyRule, error) {
	if rule := c.opts.Readiness.find(ref); rule != nil && !hooks {
		return rule, nil
	}
	return readyRuleOf(object)
}

// readyRuleOf reads the annotations of an object; nil where it has none.
func readyRuleOf(object map[string]any) (*readyRule, error) {
	ready, failed := annotationOf(object, release.AnnotationReady), annotationOf(object, release.AnnotationFailed)
	if ready == "" && failed == "" {
		return nil, nil
	}
	rule := &readyRule{}
	if err := rule.setReady(ready); err != nil {
		return nil, fmt.Errorf("annotation %s: %q: %w", release.AnnotationReady, ready, err)
	}
	if err := rule.setFailed(failed); err != nil {
		return nil, fmt.Errorf("annotation %s: %q: %w", release.AnnotationFailed, failed, err)
	}
	if rule.ready == nil && rule.failed == nil && !rule.none {
		return nil, nil
	}
	return rule, nil
}

func (r *readyRule) setReady(text string) (err error) {
	switch strings.TrimSpace(text) {
	case "":
	case notWaitedFor:
		r.none = true
	default:
		r.ready, err = parseCondition(text)
	}
	return err
}

func (r *readyRule) setFailed(text string) (err error) {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	r.failed, err = parseCondition(text)
	return err
}

// parseCondition reads JSONPath, which begins with a bracket or a dot, or CEL.
func parseCondition(text string) (condition, error) {
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, ".") {
		return parsePath(trimmed)
	}
	return parseExpression(text)
}

var errNoCondition = errors.New("it must be none, of the form {.status.phase}=Running, or an expression in CEL such as status.phase == 'Running'")

// stale says that the status of an object is of an older generation; empty if not,
// or if that is not known.
func stale(object map[string]any) string {
	if _, told := mapAt(object, "status")["observedGeneration"]; !told {
		return ""
	}
	return notObserved(object)
}

// judge judges an object, and says whether that settles it: a rule that only says
// when it has failed leaves the rest to others. What kstatus takes for failed is so
// if it is not ready.
func (r *readyRule) judge(s *release.State) bool {
	if r.none {
		s.Status, s.Message = release.ObjectCurrent, "Resource is not waited for"
		return true
	}
	problem := stale(s.Object)
	if problem == "" && r.failed != nil && r.failed.check(s.Object) == "" {
		s.Status, s.Message, s.Final = release.ObjectFailed, shortened(r.failed.String()), true
		return true
	}
	if r.ready == nil {
		return false
	}
	if problem == "" {
		problem = r.ready.check(s.Object)
	}
	if problem == "" {
		s.Status, s.Message = release.ObjectCurrent, "Resource is ready"
		return true
	}
	s.Status, s.Message = release.ObjectInProgress, problem
	if result, err := status.Compute(&unstructured.Unstructured{Object: s.Object}); err == nil && result.Status == status.FailedStatus {
		s.Status, s.Message = release.ObjectFailed, result.Message
	}
	return true
}

// judgeConditions looks at an object of a kind that kstatus has no rules for and
// that has no condition Ready.
func judgeConditions(s *release.State) {
	if s.Status != release.ObjectCurrent || hasRules(s.Object) || conditionAt(s.Object, "Ready") != nil {
		return
	}
	for _, name := range []string{"Available", "Succeeded"} {
		condition := conditionAt(s.Object, name)
		switch stringAt(condition, "status") {
		case "True":
			s.Message = "Resource is " + name
			return
		case "False", "Unknown":
			s.Status, s.Message = release.ObjectInProgress, conditionText(name, condition)
			if name == "Succeeded" && stringAt(condition, "status") == "False" {
				s.Status = release.ObjectFailed
			}
			return
		}
	}
}

// hasRules says whether kstatus has rules for the kind of an object.
func hasRules(object map[string]any) bool {
	return status.GetLegacyConditionsFn(&unstructured.Unstructured{Object: object}) != nil
}

// conditionText tells of a condition: in its own words, if it has any.
func conditionText(name string, condition map[string]any) string {
	for _, field := range []string{"message", "reason"} {
		if text := stringAt(condition, field); text != "" {
			return text
		}
	}
	return name + " is " + stringAt(condition, "status")
}
