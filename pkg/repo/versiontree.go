package repo

import (
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// tree is the version as encoding/json would have it, as a tree, which is written
// faster as YAML than a struct.
func (v *looseVersion) tree() map[string]any {
	m := map[string]any{"urls": list(v.URLs), "created": v.Created.Format(time.RFC3339Nano)}
	if v.URLs == nil {
		m["urls"] = nil
	}
	md := &v.Metadata
	for key, text := range map[string]string{
		"name": md.Name, "home": md.Home, "version": md.Version, "description": md.Description, "icon": md.Icon,
		"apiVersion": md.APIVersion, "condition": md.Condition, "tags": md.Tags, "appVersion": md.AppVersion,
		"kubeVersion": md.KubeVersion, "type": md.Type, "digest": v.Digest, "checksum": v.Checksum,
		"engine": v.Engine, "tillerVersion": v.TillerVersion, "url": v.URL,
	} {
		set(m, key, text)
	}
	setList(m, "sources", md.Sources)
	setList(m, "keywords", md.Keywords)
	if len(md.Maintainers) > 0 {
		m["maintainers"] = maintainers(md.Maintainers)
	}
	if len(md.Dependencies) > 0 {
		m["dependencies"] = dependencies(md.Dependencies)
	}
	if md.Deprecated {
		m["deprecated"] = true
	}
	if v.Removed {
		m["removed"] = true
	}
	if len(md.Annotations) > 0 {
		texts := make(map[string]any, len(md.Annotations))
		for key, text := range md.Annotations {
			texts[key] = text
		}
		m["annotations"] = texts
	}
	return m
}

func maintainers(all []*chart.Maintainer) []any {
	out := make([]any, len(all))
	for i, p := range all {
		m := map[string]any{}
		set(m, "name", p.Name)
		set(m, "email", p.Email)
		set(m, "url", p.URL)
		out[i] = m
	}
	return out
}

func dependencies(all []*chart.Dependency) []any {
	out := make([]any, len(all))
	for i, d := range all {
		m := map[string]any{"name": d.Name, "repository": d.Repository}
		set(m, "version", d.Version)
		set(m, "condition", d.Condition)
		set(m, "alias", d.Alias)
		setList(m, "tags", d.Tags)
		if d.Enabled {
			m["enabled"] = true
		}
		if len(d.ImportValues) > 0 {
			m["import-values"] = d.ImportValues
		}
		out[i] = m
	}
	return out
}

func set(m map[string]any, key, text string) {
	if text != "" {
		m[key] = text
	}
}

func setList(m map[string]any, key string, texts []string) {
	if len(texts) > 0 {
		m[key] = list(texts)
	}
}

func list(texts []string) []any {
	out := make([]any, len(texts))
	for i, text := range texts {
		out[i] = text
	}
	return out
}
