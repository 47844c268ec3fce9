#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::test
{

using label_set = std::map<std::string, std::string>;

struct metric_sample
{
    std::string name;
    label_set labels;
    double value = 0;
};

/// A family of the Prometheus text format.
struct metric_family
{
    std::string name;
    std::string help;
    std::string type;
    std::vector<metric_sample> samples;
};

/// Reads the text format, version 0.0.4, in its strictest form: for each family one HELP, one TYPE
/// and then all of its samples, without time stamps; no series twice.
/// \throws std::runtime_error naming the line
[[nodiscard]] std::vector<metric_family> read_exposition(std::string_view text);

/// Histograms: bounds ascend, end with `+Inf` and are the same in every series; counts do not
/// descend; `_count` is that of `+Inf`; there is one `_sum`.
/// \throws std::runtime_error naming the series
void check_histogram(metric_family const& family);

} // namespace kusto::test
