package kube

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/util/jsonpath"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// notWaitedFor is the value of release.AnnotationReady that opts out.
const notWaitedFor = "none"

// readyRule is what an object's release.AnnotationReady says.
type readyRule struct {
	// none: it is ready as soon as it exists.
	none bool
	// path is the JSONPath expression, and value what it must yield; if that is
	// empty anything will do.
	path, value string
	parsed      *jsonpath.JSONPath
}

// readyRuleOf reads the annotation of an object; nil where it has none.
func readyRuleOf(object map[string]any) (*readyRule, error) {
	text := strings.TrimSpace(annotationOf(object, release.AnnotationReady))
	if text == "" {
		return nil, nil
	}
	rule, err := parseReadyRule(text)
	if err != nil {
		return nil, fmt.Errorf("annotation %s: %q: %w", release.AnnotationReady, text, err)
	}
	return rule, nil
}

// parseReadyRule reads "none", or a JSONPath expression with or without braces,
// "=" and a value: the form of "kubectl wait --for=jsonpath".
func parseReadyRule(text string) (*readyRule, error) {
	if text == notWaitedFor {
		return &readyRule{none: true}, nil
	}
	r := &readyRule{path: text}
	if i := equalsAt(text); i >= 0 {
		r.path, r.value = strings.TrimSpace(text[:i]), strings.TrimSpace(text[i+1:])
		if r.value == "" {
			return nil, errors.New("there is no value after =")
		}
	}
	if !strings.HasPrefix(r.path, "{") {
		r.path = "{" + r.path + "}"
	}
	if !strings.HasPrefix(r.path, "{.") || closes(r.path) != len(r.path)-1 {
		return nil, errors.New("it must be none, or of the form {.status.phase}=Running")
	}
	r.parsed = jsonpath.New("ready").AllowMissingKeys(true)
	if err := r.parsed.Parse(r.path); err != nil {
		return nil, err
	}
	return r, nil
}

// equalsAt is where the first = stands outside of brackets and quotes; -1 for
// nowhere.
func equalsAt(text string) int {
	found := -1
	scan(text, func(i int, c byte, depth int) bool {
		if c == '=' && depth == 0 {
			found = i
		}
		return found < 0
	})
	return found
}

// closes is where the bracket is closed with which a text begins; -1 for nowhere.
func closes(text string) int {
	found := -1
	scan(text, func(i int, _ byte, depth int) bool {
		if depth == 0 {
			found = i
		}
		return found < 0
	})
	return found
}

// scan calls fn for each byte outside of quotes, with the number of brackets that
// are open after it, until fn returns false.
func scan(text string, fn func(i int, c byte, depth int) bool) {
	depth, quote := 0, byte(0)
	for i := range len(text) {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
			continue
		case c == '\'' || c == '"':
			quote = c
			continue
		case strings.IndexByte("{[(", c) >= 0:
			depth++
		case strings.IndexByte("}])", c) >= 0:
			depth--
		}
		if !fn(i, c, depth) {
			return
		}
	}
}

// check says what keeps an object from being ready; empty if nothing does. A
// status of an older generation does not count.
func (r *readyRule) check(object map[string]any) string {
	if r.none {
		return ""
	}
	if _, told := mapAt(object, "status")["observedGeneration"]; told {
		if problem := notObserved(object); problem != "" {
			return problem
		}
	}
	results, err := r.parsed.FindResults(object)
	if err != nil {
		return err.Error()
	}
	found := 0
	for _, group := range results {
		for _, v := range group {
			text, ok := scalar(v)
			switch {
			case r.value != "" && !ok:
				return fmt.Sprintf("%s is not a single value", r.path)
			case r.value != "" && text != r.value:
				return fmt.Sprintf("%s is %q, not %q", r.path, text, r.value)
			case ok && text == "":
				return fmt.Sprintf("%s is empty", r.path)
			}
			found++
		}
	}
	if found == 0 {
		return fmt.Sprintf("%s is not set", r.path)
	}
	return ""
}

// scalar is a value as text, if it is one.
func scalar(v reflect.Value) (string, bool) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return "", true
	}
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		return "", false
	default:
		return fmt.Sprint(v.Interface()), true
	}
}

// judgeByRule judges an object that says itself when it is ready. What kstatus
// takes for failed is so if it is not ready.
func judgeByRule(s *release.State, rule *readyRule) {
	problem := rule.check(s.Object)
	if problem == "" {
		s.Status, s.Message = release.ObjectCurrent, "Resource is ready"
		if rule.none {
			s.Message = "Resource is not waited for"
		}
		return
	}
	s.Status, s.Message = release.ObjectInProgress, problem
	if result, err := status.Compute(&unstructured.Unstructured{Object: s.Object}); err == nil && result.Status == status.FailedStatus {
		s.Status, s.Message = release.ObjectFailed, result.Message
	}
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
