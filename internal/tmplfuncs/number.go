package tmplfuncs

import (
	"fmt"
	"maps"

	"github.com/Masterminds/sprig/v3"
)

// numbers are the functions of sprig that reckon, and that make lists of numbers.
func numbers() map[string]any {
	own := sprig.TxtFuncMap()
	funcs := sequences(own)
	maps.Copy(funcs, sums(own))
	return funcs
}

// sequences are the functions that make lists of numbers.
func sequences(own map[string]any) map[string]any {
	until := own["until"].(func(int) []int)
	untilStep := own["untilStep"].(func(int, int, int) []int)
	seq := own["seq"].(func(...int) string)
	return map[string]any{
		"until": func(count int) ([]int, error) {
			if err := checkSteps(0, count, 1); err != nil {
				return nil, err
			}
			return until(count), nil
		},
		"untilStep": func(start, stop, step int) ([]int, error) {
			if err := checkSteps(start, stop, step); err != nil {
				return nil, err
			}
			return untilStep(start, stop, step), nil
		},
		"seq": func(params ...int) (string, error) {
			start, step, stop := 1, 1, 1
			switch len(params) {
			case 1:
				stop = params[0]
			case 2:
				start, stop = params[0], params[1]
			case 3:
				start, step, stop = params[0], params[1], params[2]
			}
			if err := checkSteps(start, stop, step); err != nil {
				return "", err
			}
			return seq(params...), nil
		},
	}
}

// checkSteps refuses too many numbers between start and stop.
func checkSteps(start, stop, step int) error {
	distance := uint64(stop) - uint64(start)
	if stop < start {
		distance = uint64(start) - uint64(stop)
	}
	width := uint64(max(step, -step, 1))
	if distance/width > maxList {
		return fmt.Errorf("%w: %d numbers, at most %d are made", ErrTooLarge, distance/width, maxList)
	}
	return nil
}
