package values

import (
	"encoding/json"
	"strings"
	"unicode"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// value reads what follows "=", and the comma after it.
func (p *parser) value() (any, error) {
	switch p.style {
	case Literal:
		text := p.text(p.pos, len(p.expr))
		p.pos = len(p.expr)
		return text, nil
	case JSON:
		return p.jsonValue()
	}
	if strings.HasPrefix(p.expr[p.pos:], "{") {
		return p.list()
	}
	text, _ := p.until(",")
	return text, nil
}

// nothing is the value before which the expression ended. It is the empty
// string, in style File too, where an empty name elsewhere is read as any name.
type nothing struct{}

// list reads "{a,b}" and the comma after it.
func (p *parser) list() (any, error) {
	offset := p.pos
	p.pos++
	texts := []string{}
	for {
		text, stop := p.until(",}")
		texts = append(texts, text)
		switch stop {
		case '}':
			if strings.HasPrefix(p.expr[p.pos:], ",") {
				p.pos++
			}
			return texts, nil
		case 0:
			return nil, p.faultf(offset, "list must terminate with '}'")
		}
	}
}

// jsonValue reads one JSON value, the blanks around it and a comma. No value
// is null.
func (p *parser) jsonValue() (any, error) {
	p.skipSpace()
	if p.skipComma() || p.pos == len(p.expr) {
		return nil, nil
	}
	offset := p.pos
	dec := json.NewDecoder(strings.NewReader(p.expr[p.pos:]))
	var value any
	if err := dec.Decode(&value); err != nil {
		offset += jsonOffset(err, len(p.expr)-offset)
		return nil, p.faultf(offset, "not a JSON value: %v", err)
	}
	if err := yamlio.CheckDepth(value); err != nil {
		return nil, p.faultf(offset, "%v", err)
	}
	p.pos += int(dec.InputOffset())
	p.skipSpace()
	p.skipComma()
	return value, nil
}

func (p *parser) skipSpace() {
	rest := p.expr[p.pos:]
	p.pos += len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
}

func (p *parser) skipComma() bool {
	if !strings.HasPrefix(p.expr[p.pos:], ",") {
		return false
	}
	p.pos++
	return true
}
