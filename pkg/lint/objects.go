package lint

import (
	"slices"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// lintDocument examines one document of a rendered template; selects says whether
// there is a selector anywhere in what the template rendered to.
func (l *linter) lintDocument(name string, doc document, selects bool) {
	obj, err := doc.readRendered()
	if err != nil {
		l.addCause(Error, name, l.causeOf(name), "unable to parse YAML: %v", err)
		return
	}
	if obj == nil {
		return
	}
	if problem := l.names.problem(obj.Kind, obj.Metadata.Name); problem != "" {
		l.add(Warning, name, "object name does not conform to Kubernetes naming requirements: %q: %s",
			obj.Metadata.Name, problem)
	}
	if notice := l.deprecation(obj.APIVersion, obj.Kind); notice != "" {
		l.add(Warning, name, "%s", notice)
	}
	l.lintSelector(name, obj, selects)
	l.lintList(name, obj, doc.text)
}

// lintSelector looks for the selector without which a workload is refused.
func (l *linter) lintSelector(name string, obj *object, selects bool) {
	if !slices.Contains([]string{"Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"}, obj.Kind) {
		return
	}
	if !selects {
		l.add(Error, name, "a %s must contain matchLabels or matchExpressions, and %q does not", obj.Kind, obj.Metadata.Name)
	}
}

// lintList finds resource policies that are without effect because their object
// is an item of a list.
func (l *linter) lintList(name string, obj *object, document string) {
	if obj.Kind != "List" {
		return
	}
	var list struct { // errors say what it is
		Items []struct {
			Metadata struct {
				Annotations map[string]string
			}
		}
	}
	if err := yamlio.Unmarshal([]byte(document), &list); err != nil {
		l.add(Error, name, "unable to parse YAML: %v", err)
		return
	}
	for _, item := range list.Items {
		if _, ok := item.Metadata.Annotations["helm.sh/resource-policy"]; ok {
			l.add(Error, name, "annotation 'helm.sh/resource-policy' within List objects are ignored")
			return
		}
	}
}
