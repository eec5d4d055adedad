package kube

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// maxReadiness bounds the text of a Readiness, in bytes.
const maxReadiness = 1 << 20

// Readiness are rules that say of objects when they are ready and when they have
// failed, whatever the objects say themselves. The nil value has none.
type Readiness struct{ rules []kindRule }

// kindRule is a rule for the objects of a kind.
type kindRule struct {
	apiVersion, kind string
	// name is a pattern of path.Match; empty for all.
	name string
	rule readyRule
}

// ReadinessError is what is wrong with the text of a Readiness.
type ReadinessError struct {
	// Name is the file's; Line is counted from 1, 0 where it is not known.
	Name string
	Line int
	Err  error
}

func (e *ReadinessError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.Name, e.Line, e.Err)
}

// Unwrap returns what is wrong.
func (e *ReadinessError) Unwrap() error { return e.Err }

// ParseReadiness reads YAML: below the key rules a list of rules, of which the first
// that is for an object counts. Each has apiVersion, kind, optionally name, which may
// have wildcards (path.Match), and ready or failed or both, with the values of
// release.AnnotationReady and release.AnnotationFailed. Name is that of the file, for
// the error, which is a *ReadinessError.
func ParseReadiness(name string, data []byte) (*Readiness, error) {
	fail := func(n *yaml.Node, err error) error { return &ReadinessError{Name: name, Line: n.Line, Err: err} }
	if len(data) > maxReadiness {
		return nil, &ReadinessError{Name: name, Err: fmt.Errorf("it has %d bytes, at most %d", len(data), maxReadiness)}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, &ReadinessError{Name: name, Err: err}
	}
	if len(doc.Content) == 0 {
		return nil, &ReadinessError{Name: name, Err: errNoRules}
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode || len(top.Content) != 2 || top.Content[0].Value != "rules" || top.Content[1].Kind != yaml.SequenceNode {
		return nil, fail(top, errNoRules)
	}
	out := &Readiness{}
	for _, n := range top.Content[1].Content {
		rule, at, err := parseKindRule(name, n)
		if err != nil {
			return nil, fail(at, err)
		}
		out.rules = append(out.rules, rule)
	}
	return out, nil
}

var errNoRules = errors.New("it must hold a list under the key rules, and nothing else")

// parseKindRule reads one rule, and says where it is wrong.
func parseKindRule(file string, n *yaml.Node) (kindRule, *yaml.Node, error) {
	var r kindRule
	if n.Kind != yaml.MappingNode {
		return r, n, errors.New("a rule must be a map")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind != yaml.ScalarNode {
			return r, value, fmt.Errorf("%s must be a string", key.Value)
		}
		if seen[key.Value] {
			return r, key, fmt.Errorf("%s stands twice", key.Value)
		}
		seen[key.Value] = true
		if err := r.set(key.Value, value.Value); err != nil {
			return r, value, fmt.Errorf("%s: %q: %w", key.Value, shortened(value.Value), err)
		}
		r.rule.locate(fmt.Sprintf("%s:%d: ", file, value.Line))
	}
	switch {
	case r.apiVersion == "" || r.kind == "":
		return r, n, errors.New("a rule needs apiVersion and kind")
	case !r.rule.none && r.rule.ready == nil && r.rule.failed == nil:
		return r, n, errors.New("a rule needs ready or failed")
	}
	return r, nil, nil
}

// locate notes where conditions are from that do not know it yet.
func (r *readyRule) locate(origin string) {
	for _, c := range []condition{r.ready, r.failed} {
		if c, ok := c.(*celCondition); ok && c.origin == "" {
			c.origin = origin
		}
	}
}

func (r *kindRule) set(key, value string) error {
	switch key {
	case "apiVersion":
		r.apiVersion = value
	case "kind":
		r.kind = value
	case "name":
		r.name = value
		_, err := path.Match(value, "")
		return err
	case "ready":
		return r.rule.setReady(value)
	case "failed":
		return r.rule.setFailed(value)
	default:
		return errors.New("a rule has apiVersion, kind, name, ready and failed")
	}
	return nil
}

// find is the first rule for an object; nil if there is none.
func (r *Readiness) find(ref manifest.Ref) *readyRule {
	if r == nil {
		return nil
	}
	for i, k := range r.rules {
		if k.apiVersion != ref.APIVersion || !strings.EqualFold(k.kind, ref.Kind) {
			continue
		}
		if matched, _ := path.Match(k.name, ref.Name); matched || k.name == "" {
			return &r.rules[i].rule
		}
	}
	return nil
}
