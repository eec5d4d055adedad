package lint

import (
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/fastyaml"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// object is what the rules read of a rendered document.
type object struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   metadata `json:"metadata"`
}

type metadata struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// readObject reads what is examined of a document; nil where it holds nothing.
func readObject(document string) (*object, error) {
	// An empty head can be an empty document or one of an odd kind, and a
	// namespace that is no text is an error here.
	h, ok := fastyaml.ReadHead(document)
	if ok && (h.Kind != "" || h.Name != "") && (h.Namespace != "" || !strings.Contains(document, "namespace")) {
		return &object{APIVersion: h.APIVersion, Kind: h.Kind, Metadata: metadata{Namespace: h.Namespace, Name: h.Name}}, nil
	}
	var obj *object
	err := yamlio.Unmarshal([]byte(document), &obj)
	return obj, err
}

// lintDocument examines one document of a rendered template; selects says whether
// there is a selector anywhere in what the template rendered to.
func (l *linter) lintDocument(name, document string, selects bool) {
	obj, err := readObject(document)
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
	l.lintList(name, obj, document)
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
	var list struct {
		Items []struct {
			Metadata struct {
				Annotations map[string]string `json:"annotations"`
			} `json:"metadata"`
		} `json:"items"`
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
