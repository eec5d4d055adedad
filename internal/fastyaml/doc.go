// Package fastyaml reads and writes the YAML that nearly all files hold, several
// times faster than a library that has to know all of YAML.
//
// It never differs from go.yaml.in/yaml/v2 behind sigs.k8s.io/yaml, whose
// results are Helm's: what it is not sure of it declines, and the caller asks
// the library. So errors are the library's too, and whatever is rare (anchors,
// tags, complex keys, directives) stands in one place only.
//
// Scalars are those of YAML 1.1, keys are strings and numbers are float64, as
// they are after a detour over JSON.
package fastyaml
