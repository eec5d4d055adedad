package release

import (
	"cmp"
	"encoding/base64"
	"index/suffixarray"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// minSecret is how long a value of a Secret must be to be masked, in bytes:
// shorter ones stand in every other word.
const minSecret = 5

// masked stands for a value of a Secret.
const masked = "*****"

// SecretMask replaces what the Secrets of a revision hold, as they stand in its manifest
// and hooks, by asterisks.
func (r *Release) SecretMask() *strings.Replacer {
	return strings.NewReplacer(r.secretWords()...)
}

// mask takes what the release's Secrets hold out of the facts on a wait, such as
// a password that a container logs.
func (r *run) mask(e *WaitError) {
	replacer := r.rel.SecretMask()
	for i := range e.Pending {
		e.Pending[i].Message = replacer.Replace(e.Pending[i].Message)
	}
	for i := range e.Troubles {
		e.Troubles[i].Message = replacer.Replace(e.Troubles[i].Message)
	}
	for _, report := range e.Reports {
		for i := range report.Events {
			report.Events[i].Message = replacer.Replace(report.Events[i].Message)
		}
		for _, log := range report.Logs {
			for i := range log.Lines {
				log.Lines[i] = replacer.Replace(log.Lines[i])
			}
		}
	}
}

// secretWords are the values of the Secrets among the release's objects and
// hooks, each followed by what stands for it; longer ones first, so that none is
// masked in part.
func (r *Release) secretWords() []string {
	var words []string
	collect := func(text string) {
		docs, err := manifest.ParseText(text)
		if err != nil {
			return
		}
		for _, doc := range docs {
			if content, err := yamlio.DecodeMap([]byte(doc.Content)); err == nil {
				words = appendSecrets(words, content)
			}
		}
	}
	collect(r.Manifest)
	for _, h := range r.Hooks {
		collect(h.Manifest)
	}
	words = appendParts(words, ComputedValues(r))
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(words))
	for _, word := range slices.Compact(words) {
		pairs = append(pairs, word, masked)
	}
	return pairs
}

// appendSecrets adds the values of an object that is a Secret or a list. Lines
// are values of their own, for logs are read by lines.
func appendSecrets(words []string, content map[string]any) []string {
	if items, ok := content["items"].([]any); ok {
		for _, item := range items {
			item, _ := item.(map[string]any)
			words = appendSecrets(words, item)
		}
	}
	if content["kind"] != "Secret" {
		return words
	}
	for _, field := range []string{"data", "stringData"} {
		for _, text := range textsOf(content[field]) {
			texts := []string{text}
			if plain, err := base64.StdEncoding.DecodeString(text); field == "data" && err == nil {
				texts = append(texts, string(plain))
			}
			for _, text := range texts {
				for line := range strings.Lines(text) {
					if line = strings.TrimSpace(line); len(line) >= minSecret {
						words = append(words, line)
					}
				}
			}
		}
	}
	return words
}

// appendParts adds the values of a chart of which the words are made, such as the
// password in an address.
func appendParts(words []string, tree any) []string {
	texts := textsOf(tree)
	isPart := partsOf(strings.Join(words, "\n"), len(texts))
	for _, text := range texts {
		if len(text) >= minSecret && isPart(text) {
			words = append(words, text)
		}
	}
	return words
}

// partsOf tells parts of a text from others, which is asked so many times: what takes
// long each time is prepared for.
func partsOf(text string, asked int) func(part string) bool {
	const much = 256 << 20 // bytes that are compared, a fraction of a second
	if asked == 0 || len(text) < much/asked {
		return func(part string) bool { return strings.Contains(text, part) }
	}
	index := suffixarray.New([]byte(text))
	return func(part string) bool { return len(index.Lookup([]byte(part), 1)) > 0 }
}

// textsOf are all texts in a tree.
func textsOf(tree any) []string {
	var out []string
	switch tree := tree.(type) {
	case string:
		out = append(out, tree)
	case []any:
		for _, item := range tree {
			out = append(out, textsOf(item)...)
		}
	case map[string]any:
		for _, item := range tree {
			out = append(out, textsOf(item)...)
		}
	}
	return out
}
