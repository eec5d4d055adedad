package release

import (
	"encoding/base64"
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

// HideSecrets takes what the Secrets of a revision hold out of a text.
func (r *Release) HideSecrets(text string) string {
	return strings.NewReplacer(r.secretWords()...).Replace(text)
}

// mask takes what the release's Secrets hold out of the facts on a wait, such as
// a password that a container logs.
func (r *run) mask(e *WaitError) {
	replacer := strings.NewReplacer(r.rel.secretWords()...)
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
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
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
		values, _ := content[field].(map[string]any)
		for _, v := range values {
			text, _ := v.(string)
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
