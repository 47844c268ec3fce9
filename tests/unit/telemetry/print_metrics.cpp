#include "sample_statistics.hpp"

#include <iostream>
#include <string_view>

/// Prints the metrics of batching sinks; with the argument `write-ahead`, of sinks of both kinds.
int main(int count, char** arguments)
{
    using namespace kusto;
    if (count > 1 && std::string_view(arguments[1]) == "write-ahead")
        std::cout << to_prometheus(test::sample_write_ahead_sinks(), test::sample_sinks());
    else
        std::cout << to_prometheus(test::sample_sinks());
}
