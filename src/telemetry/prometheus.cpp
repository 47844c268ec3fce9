#include <kusto/statistics.hpp>

#include <cstdint>
#include <kusto/write_ahead_statistics.hpp>
#include <map>
#include <string>
#include <string_view>
#include <telemetry/metric_page.hpp>
#include <telemetry/sink_metrics.hpp>
#include <utility>

namespace kusto
{

namespace
{

using telemetry::labelled_list;

/// Tells the sinks of one page apart.
class sink_labels
{
public:
    [[nodiscard]] std::string next(std::string_view database, std::string_view table)
    {
        auto labels = telemetry::with_label(telemetry::label("database", database), "table", table);
        auto const ordinal = ++seen_[labels];
        if (ordinal > 1)
            labels = telemetry::with_label(labels, "sink", telemetry::number_text(ordinal));
        return labels;
    }

private:
    std::map<std::string, std::uint64_t> seen_;
};

template <class Values, class Named>
labelled_list<Values> labelled_values(std::span<Named const> sinks, sink_labels& labels)
{
    labelled_list<Values> out;
    for (auto const& one : sinks)
        out.push_back({labels.next(one.database, one.table), &one.values});
    return out;
}

} // namespace

std::string to_prometheus(std::span<named_statistics const> sinks)
{
    return to_prometheus(std::span<named_write_ahead_statistics const>(), sinks);
}

std::string to_prometheus(std::span<named_write_ahead_statistics const> sinks,
                          std::span<named_statistics const> others)
{
    sink_labels labels;
    auto const write_ahead = labelled_values<write_ahead_statistics>(sinks, labels);
    auto all = telemetry::parts_of(write_ahead, &write_ahead_statistics::local);
    for (auto& one : labelled_values<sink_statistics>(others, labels))
        all.push_back(std::move(one));
    telemetry::metric_page page;
    if (!all.empty())
        telemetry::add_sink_metrics(page, all);
    if (!write_ahead.empty())
        telemetry::add_checkpoint_metrics(page, write_ahead);
    return page.take();
}

} // namespace kusto
