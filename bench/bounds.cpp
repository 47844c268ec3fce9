// What the parts of the way of a record cost by themselves, as bounds for `kusto bench`: copying,
// the compressor alone, sending alone, and the straight loop that anyone would write first (fill a
// batch, compress it, PUT it over a kept TLS connection). Same records, compressor, level, batch
// size and server; no part of the library takes part.
#include "bound_compressor.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cli/bench_server.hpp>
#include <cli/bench_source.hpp>
#include <cli/plain_client.hpp>
#include <cli/process_measures.hpp>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <thread>

namespace json = boost::json;
using namespace kusto::cli;

namespace
{

struct settings
{
    std::string program;
    std::string source = "lines";
    std::string compression = "zlib:6";
    std::uint64_t bytes = std::uint64_t(500) << 20;
    std::uint64_t batch_size = 100'000;
    std::vector<std::size_t> threads = {1, 2};
    int repetitions = 1;
    bool tls = true;
    std::string json;
    std::string dump;
};

/// One batch of a bound, on one of its threads.
struct work_result
{
    std::uint64_t raw = 0;
    std::uint64_t wire = 0;
};
using batch_work = std::function<work_result()>;

struct measured
{
    double raw_mb_per_second = 0;
    double wire_mb_per_second = 0;
    double cpu_seconds_per_gb = 0; ///< per GB raw
    double ratio = 0;
};

/// The text of a batch, as the library would have it before compression.
std::vector<std::string> batch_pieces(bench_source const& source, std::uint64_t records)
{
    std::vector<std::string> pieces(1);
    kusto::record_buffer buffer;
    for (std::uint64_t i = 0; i < records; ++i)
    {
        auto const at = static_cast<std::size_t>(i % source.size());
        if (pieces.back().size() > 256 * 1024 - 1024)
            pieces.emplace_back();
        auto& piece = pieces.back();
        if (piece.empty())
            piece.reserve(256 * 1024);
        if (source.lines().empty())
        {
            buffer.clear();
            (void)encode_record(source.structs()[at], buffer);
            piece += buffer.view();
        }
        else
            (piece += source.lines()[at]) += '\n';
    }
    return pieces;
}

/// Runs until about `bytes` raw have passed, on so many threads, each with work of its own.
measured measure(std::uint64_t bytes, std::size_t threads,
                 std::function<batch_work(std::size_t thread)> const& prepare)
{
    std::vector<batch_work> work;
    for (std::size_t i = 0; i < threads; ++i)
    {
        work.push_back(prepare(i));
        (void)work.back()(); // warm
    }
    std::vector<work_result> sums(threads);
    auto const cpu = process_cpu_seconds();
    auto const start = std::chrono::steady_clock::now();
    std::vector<std::thread> running;
    for (std::size_t i = 0; i < threads; ++i)
        running.emplace_back(
            [&, i]
            {
                while (sums[i].raw < bytes / threads)
                {
                    auto const one = work[i]();
                    sums[i].raw += one.raw;
                    sums[i].wire += one.wire;
                }
            });
    for (auto& thread : running)
        thread.join();
    std::chrono::duration<double> const seconds = std::chrono::steady_clock::now() - start;
    auto const spent = process_cpu_seconds() - cpu;
    work_result all;
    for (auto const& sum : sums)
    {
        all.raw += sum.raw;
        all.wire += sum.wire;
    }
    measured out;
    out.raw_mb_per_second = double(all.raw) / 1e6 / seconds.count();
    out.wire_mb_per_second = double(all.wire) / 1e6 / seconds.count();
    out.cpu_seconds_per_gb = spent / (double(all.raw) / 1e9);
    out.ratio = all.wire == 0 ? 0 : double(all.raw) / double(all.wire);
    return out;
}

/// A container of the local cluster: path and signature.
class blob_places
{
public:
    explicit blob_places(emulator_process const& server)
    {
        auto const& where = server.where();
        plain_client engine(server.engine_url(), server.ca_pem());
        plain_client ingestion(where.ingestion_url(), server.ca_pem());
        std::string const command = R"({"db":"NetDefaultDB","csl":".get ingestion resources"})";
        auto const answer = ingestion.send(
            "POST", "/v1/rest/mgmt", "Content-Type: application/json\r\n", command);
        if (answer.status != 200)
            throw std::runtime_error("no resources: " + answer.body);
        auto const document = json::parse(answer.body);
        for (auto const& row : document.at("Tables").at(0).at("Rows").as_array())
            if (row.at(0).as_string() == "TempStorage")
                container_ = std::string(row.at(1).as_string());
    }

    [[nodiscard]] std::string base_url() const
    {
        return container_.substr(0, container_.find('/', container_.find("://") + 3));
    }
    [[nodiscard]] std::string target(std::string const& blob) const
    {
        auto const mark = container_.find('?');
        auto const path = container_.find('/', container_.find("://") + 3);
        return container_.substr(path, mark - path) + "/" + blob + container_.substr(mark);
    }

private:
    std::string container_;
};

/// A kept connection on which blobs are put.
class blob_sender
{
public:
    blob_sender(emulator_process const& server, blob_places const& places, std::size_t number)
        : places_(places),
          connection_(places.base_url(), server.ca_pem()),
          name_("bound-" + std::to_string(number) + "-")
    {
    }

    void put(std::string_view content)
    {
        auto const reply = connection_.send(
            "PUT", places_.target(name_ + std::to_string(++count_) + ".csv.gz"),
            "x-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\n", content);
        if (reply.status != 201)
            throw std::runtime_error("PUT: " + std::to_string(reply.status) + " " + reply.body);
    }

private:
    blob_places const& places_;
    plain_client connection_;
    std::string name_;
    std::uint64_t count_ = 0;
};

class bounds
{
public:
    explicit bounds(settings const& use)
        : use_(use),
          source_(options_of(use)),
          pieces_(batch_pieces(source_, use.batch_size)),
          server_(use.program, {"--discard", "--no-authentication"}, use.tls),
          places_(server_)
    {
        for (auto const& piece : pieces_)
            raw_ += piece.size();
        bound_compressor once(use.compression);
        compressed_ = once.run(pieces_);
    }

    measured copying(std::size_t threads)
    {
        return measure(use_.bytes, threads,
                       [this](std::size_t)
                       {
                           auto room = std::make_shared<std::string>(256 * 1024, '\0');
                           return [this, room]
                           {
                               for (auto const& piece : pieces_)
                                   std::memcpy(room->data(), piece.data(), piece.size());
                               return work_result{raw_, 0};
                           };
                       });
    }

    measured compressing(std::size_t threads)
    {
        return measure(use_.bytes, threads,
                       [this](std::size_t)
                       {
                           auto own = std::make_shared<bound_compressor>(use_.compression);
                           return [this, own]
                           { return work_result{raw_, own->run(pieces_).size()}; };
                       });
    }

    measured sending(std::size_t threads)
    {
        return measure(use_.bytes, threads,
                       [this](std::size_t i)
                       {
                           auto own = std::make_shared<blob_sender>(server_, places_, i);
                           return [this, own]
                           {
                               own->put(compressed_);
                               return work_result{raw_, compressed_.size()};
                           };
                       });
    }

    measured straight_loop(std::size_t threads)
    {
        return measure(use_.bytes, threads,
                       [this](std::size_t i)
                       {
                           auto to = std::make_shared<blob_sender>(server_, places_, i);
                           auto own = std::make_shared<bound_compressor>(use_.compression);
                           auto text = std::make_shared<std::vector<std::string>>(1);
                           return [this, to, own, text]
                           {
                               text->front().clear();
                               for (auto const& piece : pieces_)
                                   text->front() += piece;
                               auto const packed = own->run(*text);
                               to->put(packed);
                               return work_result{raw_, packed.size()};
                           };
                       });
    }

    [[nodiscard]] double bytes_per_record() const { return source_.bytes_per_record(); }

private:
    static bench_options options_of(settings const& use)
    {
        bench_options out;
        out.source = use.source;
        return out;
    }

    settings const& use_;
    bench_source source_;
    std::vector<std::string> pieces_;
    std::uint64_t raw_ = 0;
    std::string compressed_;
    emulator_process server_;
    blob_places places_;
};

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    auto const middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

json::object spread(std::vector<measured> const& runs, double measured::*member)
{
    std::vector<double> values;
    for (auto const& run : runs)
        values.push_back(run.*member);
    auto const [least, most] = std::minmax_element(values.begin(), values.end());
    return {{"median", median(values)}, {"least", *least}, {"most", *most}};
}

json::object describe(std::string const& name, std::size_t threads,
                      std::vector<measured> const& runs)
{
    return {{"name", name},
            {"threads", threads},
            {"raw_mb_per_second", spread(runs, &measured::raw_mb_per_second)},
            {"wire_mb_per_second", spread(runs, &measured::wire_mb_per_second)},
            {"client_cpu_seconds_per_gb", spread(runs, &measured::cpu_seconds_per_gb)},
            {"ratio", spread(runs, &measured::ratio)}};
}

/// The batch as a file, for clients that cannot make these records.
void dump_batch(settings const& use)
{
    bench_options options;
    options.source = use.source;
    std::ofstream out(use.dump, std::ios::binary | std::ios::trunc);
    for (auto const& piece : batch_pieces(bench_source(options), use.batch_size))
        out << piece;
    if (!out.flush())
        throw std::runtime_error("cannot write '" + use.dump + "'");
}

int run_all(settings const& use)
{
    if (!use.dump.empty())
    {
        dump_batch(use);
        return 0;
    }
    bounds here(use);
    struct named
    {
        char const* name;
        measured (bounds::*run)(std::size_t);
    };
    constexpr named all[] = {{"memcpy", &bounds::copying},
                             {"compressor", &bounds::compressing},
                             {"put", &bounds::sending},
                             {"straight_loop", &bounds::straight_loop}};
    std::map<std::pair<std::string, std::size_t>, std::vector<measured>> results;
    for (int i = 0; i < use.repetitions; ++i)
        for (auto const threads : use.threads)
            for (auto const& one : all)
                results[{one.name, threads}].push_back((here.*one.run)(threads));
    json::array figures;
    std::printf("%s, %s, batches of %llu records, %.0f bytes each\n%-14s %8s %10s %10s %12s %7s\n",
                use.source.c_str(), use.compression.c_str(),
                static_cast<unsigned long long>(use.batch_size), here.bytes_per_record(), "bound",
                "threads", "MB/s raw", "MB/s wire", "CPU s/GB", "ratio");
    for (auto const& [what, runs] : results)
    {
        auto const figure = describe(what.first, what.second, runs);
        auto const value = [&](char const* name)
        { return figure.at(name).at("median").to_number<double>(); };
        std::printf("%-14s %8zu %10.1f %10.1f %12.3f %7.2f\n", what.first.c_str(), what.second,
                    value("raw_mb_per_second"), value("wire_mb_per_second"),
                    value("client_cpu_seconds_per_gb"), value("ratio"));
        figures.push_back(figure);
    }
    json::object const out{{"kind", "bounds"},
                           {"processor", processor_name()},
                           {"source", use.source},
                           {"compression", use.compression},
                           {"batch_size", use.batch_size},
                           {"tls", use.tls},
                           {"bounds", std::move(figures)}};
    if (!use.json.empty())
        std::ofstream(use.json, std::ios::trunc) << json::serialize(out) << "\n";
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    settings use;
    CLI::App app("Bounds for kusto bench: copying, compressor, sending, straight loop");
    app.add_option("program", use.program, "The kusto program, whose cluster is the server")
        ->required()
        ->check(CLI::ExistingFile);
    app.add_option("--source", use.source)->check(CLI::IsMember({"telemetry", "lines"}));
    app.add_option("--compression", use.compression, "zlib:1 to zlib:9, igzip:0 to igzip:3")
        ->capture_default_str();
    app.add_option("--bytes", use.bytes, "Raw bytes of each bound")
        ->transform(CLI::AsSizeValue(false));
    app.add_option("--batch-size", use.batch_size)->capture_default_str();
    app.add_option("--threads", use.threads)->delimiter(',')->capture_default_str();
    app.add_option("--repetitions", use.repetitions)->capture_default_str();
    app.add_flag("--tls,!--no-tls", use.tls);
    app.add_option("--json", use.json, "Write the figures here");
    app.add_option("--dump", use.dump, "Only write the text of one batch here");
    CLI11_PARSE(app, argc, argv);
    try
    {
        return run_all(use);
    }
    catch (std::exception const& error)
    {
        std::fprintf(stderr, "bounds: %s\n", error.what());
        return 1;
    }
}
