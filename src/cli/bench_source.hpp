#pragma once

#include <boost/describe/class.hpp>
#include <chrono>
#include <cli/bench_options.hpp>
#include <cstdint>
#include <kusto/lines.hpp>
#include <kusto/schema.hpp>
#include <kusto/types.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kusto::cli
{

/// What a service may send of itself; about 250 bytes as CSV.
struct telemetry
{
    std::chrono::system_clock::time_point time;
    std::string host;
    std::string service;
    std::int32_t level;
    std::int64_t micros;
    double load;
    bool ok;
    kusto::guid trace;
    std::optional<double> temperature;
    std::string message;
};
BOOST_DESCRIBE_STRUCT(telemetry, (),
                      (time, host, service, level, micros, load, ok, trace, temperature, message))

/// The records of a run, made before it begins: either structs or lines, repeated in order.
class bench_source
{
public:
    /// \throws std::runtime_error when a file cannot be read or has no lines
    explicit bench_source(bench_options const& options);
    bench_source(bench_source const&) = delete;
    bench_source& operator=(bench_source const&) = delete;

    [[nodiscard]] std::vector<telemetry> const& structs() const noexcept { return structs_; }
    [[nodiscard]] std::vector<std::string> const& lines() const noexcept { return lines_; }
    /// The lines, for a sink that takes several at a time.
    [[nodiscard]] std::vector<csv_line> const& csv_lines() const noexcept { return csv_lines_; }
    [[nodiscard]] std::size_t size() const noexcept
    {
        return lines_.empty() ? structs_.size() : lines_.size();
    }
    /// Bytes of all distinct records as CSV.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] double bytes_per_record() const noexcept
    {
        return static_cast<double>(bytes_) / static_cast<double>(size());
    }
    /// CRC-32 of each record's line, line feed included; what a cluster that inflates sums up.
    [[nodiscard]] std::vector<std::uint32_t> const& line_sums() const noexcept
    {
        return line_sums_;
    }
    [[nodiscard]] table_schema schema() const;
    /// CPU time for encoding 1 GB of these records (of lines: checking and copying them) with one
    /// thread and nothing else; the best of a few rounds.
    [[nodiscard]] double encode_seconds_per_gb() const;

private:
    void make_structs(std::uint64_t seed);
    void make_lines(std::uint64_t seed);
    void read_file(std::string const& path);
    void sum_up(std::string_view line);

    std::vector<telemetry> structs_;
    std::vector<std::string> lines_;
    std::vector<csv_line> csv_lines_; ///< views of `lines_`
    std::vector<std::uint32_t> line_sums_;
    std::uint64_t bytes_ = 0;
    bool from_file_ = false;
};

} // namespace kusto::cli
