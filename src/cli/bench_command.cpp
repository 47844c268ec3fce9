#include <cli/bench_command.hpp>
#include <cli/bench_report.hpp>
#include <cli/bench_run.hpp>

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace kusto::cli
{

bench_command::bench_command(CLI::App& program)
    : command_(program.add_subcommand("bench", "Measure a sink end to end"))
{
    add_options(*command_, options_);
}

bool bench_command::chosen() const
{
    return command_->parsed();
}

int bench_command::run()
{
    options_.validate();
    bench_source const source(options_);
    std::vector<bench_result> results;
    bool good = true;
    // Repetitions go round, so that what disturbs the machine for a while disturbs all kinds.
    for (int repetition = 0; repetition < options_.repetitions; ++repetition)
        for (auto const parallelism : options_.parallelism)
        {
            auto result = run_bench(options_, source, parallelism, repetition);
            for (auto const& complaint : result.complaints)
                std::fprintf(stderr, "kusto bench: %s\n", complaint.c_str());
            good = good && result.complaints.empty();
            results.push_back(std::move(result));
        }
    print_table(options_, source, results);
    if (!options_.json.empty())
    {
        std::ofstream out(options_.json, std::ios::trunc);
        out << to_json(options_, source, results);
        out.close();
        if (!out)
            throw std::runtime_error("cannot write '" + options_.json + "'");
    }
    return good ? 0 : 1;
}

} // namespace kusto::cli
