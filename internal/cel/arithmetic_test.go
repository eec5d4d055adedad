package cel_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"
)

// TestIntsAtTheirBounds compares with numbers that have none.
func TestIntsAtTheirBounds(t *testing.T) {
	t.Parallel()
	edges := []int64{math.MinInt64, math.MinInt64 + 1, -1 << 32, -3, -1, 0, 1, 2, 1 << 31, math.MaxInt64 / 2, math.MaxInt64 - 1, math.MaxInt64}
	for _, a := range edges {
		for _, b := range edges {
			for op, exact := range map[string]func(z, x, y *big.Int) *big.Int{
				"+": (*big.Int).Add, "-": (*big.Int).Sub, "*": (*big.Int).Mul, "/": (*big.Int).Quo, "%": (*big.Int).Rem,
			} {
				want := "error"
				if b != 0 || op != "/" && op != "%" {
					if z := exact(new(big.Int), big.NewInt(a), big.NewInt(b)); z.IsInt64() && (op != "%" || a != math.MinInt64 || b != -1) {
						want = "int " + z.String()
					}
				}
				text := fmt.Sprintf("self.a %s self.b", op)
				if got, err := run(text, map[string]any{"self": map[string]any{"a": a, "b": b}}); got != want {
					t.Errorf("%d %s %d: %s (%v), want %s", a, op, b, got, err, want)
				}
			}
		}
	}
}
