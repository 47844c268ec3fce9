#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cli/bench_command.hpp>
#include <cli/emulator_command.hpp>
#include <cstdio>
#include <exception>
#include <kusto/version.hpp>

int main(int argc, char** argv)
{
    CLI::App program("kusto: tools around the kusto-cpp ingestion library");
    kusto::cli::emulator_command emulator(program);
    kusto::cli::bench_command bench(program);
    program.require_subcommand(1);
    try
    {
        program.parse(argc, argv);
        return emulator.chosen() ? emulator.run() : bench.run();
    }
    catch (CLI::ParseError const& error)
    {
        return program.exit(error);
    }
    catch (std::exception const& error)
    {
        std::fprintf(stderr, "kusto: %s\n", error.what());
        return 1;
    }
}
