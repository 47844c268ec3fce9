// What stands beside the figures of `kusto bench`: the same records, and what they cost at least.
//
// Each bound is measured without the library: memory copied, the compression library called
// straight, compressed batches put over one connection to the same local cluster that discards
// them, and all of that one after the other, as one would do it without a library.
#include <bounds/data.hpp>
#include <bounds/measure.hpp>
#include <bounds/options.hpp>
#include <bounds/report.hpp>
#include <bounds/server.hpp>
#include <cli/bench_source.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <optional>
#include <stdexcept>

namespace kusto::bounds
{

namespace
{

cli::bench_source make_source(std::uint64_t seed)
{
    cli::bench_options same;
    same.source = "lines";
    same.seed = seed;
    return cli::bench_source(same);
}

std::vector<sample> measure_all(options const& use, data const& from)
{
    std::optional<server> to;
    if (use.needs_server())
        to.emplace(use);
    std::vector<sample> samples;
    // Repetitions go round, so that what disturbs the machine for a while disturbs all of them.
    for (int repetition = 0; repetition < use.repetitions; ++repetition)
        for (auto const threads : use.threads)
            for (auto const& what : use.what)
            {
                samples.push_back(measure(what, use, from, threads, to ? &*to : nullptr));
                samples.back().repetition = repetition;
            }
    return samples;
}

int run(options const& use)
{
    auto const source = make_source(use.seed);
    data const from(source);
    if (!use.export_file.empty())
    {
        from.write(use.export_file, records_for(use, from));
        return 0;
    }
    check_codec(use, from);
    auto const samples = measure_all(use, from);
    print_table(use, from, samples);
    if (use.json.empty())
        return 0;
    std::ofstream out(use.json, std::ios::trunc);
    out << to_json(use, from, samples);
    out.close();
    if (!out)
        throw std::runtime_error("cannot write '" + use.json + "'");
    return 0;
}

} // namespace

} // namespace kusto::bounds

int main(int argc, char** argv)
{
    CLI::App program("bench_bounds: what the records of `kusto bench` cost at least");
    kusto::bounds::options use;
    kusto::bounds::add_options(program, use);
    std::signal(SIGPIPE, SIG_IGN);
    try
    {
        program.parse(argc, argv);
        use.validate();
        return kusto::bounds::run(use);
    }
    catch (CLI::ParseError const& error)
    {
        return program.exit(error);
    }
    catch (std::exception const& error)
    {
        std::fprintf(stderr, "bench_bounds: %s\n", error.what());
        return 1;
    }
}
