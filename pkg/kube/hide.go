package kube

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// leastSecret is from what length on a value of a Secret is looked for in the words of
// others: shorter ones are parts of other words.
const leastSecret = 4

// hider makes the function that takes out of the words of a server what it repeats of an
// object that it was to write: of every kind the whole object, which it quotes when a
// patch does not fit the kind's type, and of a Secret each value, as it is or in base64,
// which admission webhooks may repeat too. It goes with the request, so that nothing of
// it is logged either.
func hider(obj release.Object, opts release.ApplyObjectOptions) func(string) string {
	return func(text string) string {
		text = regexp.MustCompile(`patch: Invalid value: "(\\.|[^"\\])*": `).ReplaceAllString(text, "patch: ")
		if !isSecret(obj.Ref) {
			return text
		}
		text = regexp.MustCompile(`Invalid value: "(\\.|[^"\\])*"`).ReplaceAllStringFunc(text, func(found string) string {
			if found == "Invalid value: "+strconv.Quote(obj.Ref.Name) {
				return found // the name is no secret, and stands in the message anyway
			}
			return "Invalid value: (hidden)"
		})
		text = regexp.MustCompile(`(?m)got &\{.*$`).ReplaceAllString(text, "got (hidden)")
		text = regexp.MustCompile(`(?m)valueUnstructured\{Value:.*$`).ReplaceAllString(text, "(hidden)")
		for _, value := range secretValues(obj.Content, opts.Previous, opts.Live) {
			text = strings.ReplaceAll(text, value, "(hidden)")
		}
		return text
	}
}

func isSecret(ref manifest.Ref) bool { return ref.Kind == "Secret" && ref.Group() == "" }

// secretValues are the values of Secrets in the forms in which they may be repeated,
// longer ones first.
func secretValues(secrets ...map[string]any) []string {
	var values []string
	add := func(value string) {
		quoted := strconv.Quote(value)
		values = append(values, value, quoted[1:len(quoted)-1], base64.StdEncoding.EncodeToString([]byte(value)))
	}
	for _, secret := range secrets {
		for _, v := range mapAt(secret, "stringData") {
			if text, ok := v.(string); ok {
				add(text)
			}
		}
		for _, v := range mapAt(secret, "data") {
			text, _ := v.(string)
			values = append(values, text)
			if plain, err := base64.StdEncoding.DecodeString(text); err == nil {
				add(string(plain))
			}
		}
	}
	values = slices.DeleteFunc(values, func(v string) bool { return len(v) < leastSecret })
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(values)
}
