#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <cli/bench_command.hpp>
#include <cli/doctor_command.hpp>
#include <cli/emulator_command.hpp>
#include <cstdio>
#include <exception>
#include <kusto/version.hpp>

int main(int argc, char** argv)
{
    CLI::App program("kusto: tools around the kusto-cpp ingestion library");
    kusto::cli::emulator_command emulator(program);
    kusto::cli::bench_command bench(program);
    kusto::cli::doctor_command doctor(program);
    std::array<kusto::cli::command*, 3> const commands{&emulator, &bench, &doctor};
    program.require_subcommand(1);
    int status_of_failure = 1;
    try
    {
        program.parse(argc, argv);
        for (auto* const command : commands)
        {
            if (!command->chosen())
                continue;
            status_of_failure = command->status_of_failure();
            return command->run();
        }
        return 1; // not reached: one is required
    }
    catch (CLI::ParseError const& error)
    {
        return program.exit(error);
    }
    catch (std::exception const& error)
    {
        std::fprintf(stderr, "kusto: %s\n", error.what());
        return status_of_failure;
    }
}
