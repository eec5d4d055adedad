package chart

import (
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// plainMetadata reads a Chart.yaml of the usual kind: its keys are written as
// they are documented, and texts are texts. It is false for any other, which
// encoding/json then reads by its own rules; into is as it was.
func plainMetadata(data []byte, into *Metadata) bool {
	if checkMetadata(data) != nil {
		return false
	}
	var tree map[string]any
	if err := yamlio.Unmarshal(data, &tree); err != nil {
		return false
	}
	m, _, ok := DecodeMetadata(tree)
	if ok {
		*into = m
	}
	return ok
}

// DecodeMetadata reads metadata from a tree, as a YAML parser makes it. others
// are the keys, in maps inside it too, that mean nothing. ok is false for trees
// that are not of the usual kind, such as one with a number where a text is
// expected: encoding/json may know what to do with these.
func DecodeMetadata(tree map[string]any) (m Metadata, others []string, ok bool) {
	texts := map[string]*string{
		"name": &m.Name, "home": &m.Home, "version": &m.Version, "description": &m.Description,
		"icon": &m.Icon, "apiVersion": &m.APIVersion, "condition": &m.Condition, "tags": &m.Tags,
		"appVersion": &m.AppVersion, "kubeVersion": &m.KubeVersion, "type": &m.Type,
	}
	lists := map[string]*[]string{"sources": &m.Sources, "keywords": &m.Keywords}
	p := plain{ok: true}
	for key, v := range tree {
		switch key {
		case "maintainers":
			m.Maintainers = []*Maintainer{}
			for _, v := range p.list(v) {
				m.Maintainers = append(m.Maintainers, p.maintainer(v))
			}
		case "dependencies":
			m.Dependencies = []*Dependency{}
			for _, v := range p.list(v) {
				m.Dependencies = append(m.Dependencies, p.dependency(v))
			}
		case "annotations":
			m.Annotations = p.texts(v)
		case "deprecated":
			m.Deprecated, p.ok = v == true, p.ok && (v == true || v == false)
		default:
			p.field(key, v, texts, lists)
		}
	}
	return m, p.others, p.ok
}

// plain reads parts of a tree; ok says that all were of the usual kind, others
// are keys that mean nothing.
type plain struct {
	ok     bool
	others []string
}

func (p *plain) text(v any) string {
	s, ok := v.(string)
	p.ok = p.ok && ok
	return s
}

func (p *plain) list(v any) []any {
	list, ok := v.([]any)
	p.ok = p.ok && ok
	return list
}

func (p *plain) texts(v any) map[string]string {
	m, ok := v.(map[string]any)
	p.ok = p.ok && ok
	texts := make(map[string]string, len(m))
	for key, v := range m {
		texts[key] = p.text(v)
	}
	return texts
}

// field sets the text or the list of texts that has a name. Another name is of no
// effect, unless it differs from one of these in capitals only.
func (p *plain) field(key string, v any, texts map[string]*string, lists map[string]*[]string) {
	if text, ok := texts[key]; ok {
		*text = p.text(v)
		return
	}
	if list, ok := lists[key]; ok {
		*list = make([]string, 0, 4)
		for _, v := range p.list(v) {
			*list = append(*list, p.text(v))
		}
		return
	}
	for _, known := range []string{
		"name", "home", "version", "description", "icon", "apiVersion", "condition", "tags", "appVersion", "kubeVersion", "type",
		"sources", "keywords", "maintainers", "dependencies", "annotations", "deprecated", "email", "url", "repository", "alias",
		"enabled", "import-values",
	} {
		p.ok = p.ok && !strings.EqualFold(known, key)
	}
	p.others = append(p.others, key)
}

func (p *plain) maintainer(v any) *Maintainer {
	m := new(Maintainer)
	p.fields(v, map[string]*string{"name": &m.Name, "email": &m.Email, "url": &m.URL}, nil)
	return m
}

func (p *plain) dependency(v any) *Dependency {
	d := new(Dependency)
	rest, ok := v.(map[string]any)
	p.ok = p.ok && ok && rest["enabled"] == nil
	if values, ok := rest["import-values"]; ok {
		d.ImportValues = p.list(values)
	}
	p.fields(v, map[string]*string{
		"name": &d.Name, "version": &d.Version, "repository": &d.Repository, "condition": &d.Condition, "alias": &d.Alias,
	}, map[string]*[]string{"tags": &d.Tags})
	return d
}

// fields sets the fields of a map, apart from those with a type of their own.
func (p *plain) fields(v any, texts map[string]*string, lists map[string]*[]string) {
	m, ok := v.(map[string]any)
	p.ok = p.ok && ok
	for key, v := range m {
		if key != "import-values" && key != "enabled" {
			p.field(key, v, texts, lists)
		}
	}
}
