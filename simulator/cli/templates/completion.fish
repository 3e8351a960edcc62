# Completion of simulator, written by: simulator completion fish
function __simulator_words
    switch "$argv[1]"
@CASES@
    end
end
function __simulator_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l given (string match -v -- '-*' $words[2..-1])
    set -l command $given[1]
    if test -z "$command"
        __simulator_words ''
    else if string match -q -- '*=*' $current
        set -l lever (string replace -r -- '=.*' '' $current)
        for value in (__simulator_words "=$lever")
            echo "$lever=$value"
        end
    else if string match -q -- '-*' $current
        __simulator_words $command
    else
        set -l found (__simulator_words "$command $words[-1]")
        if test -z "$found"
            set found (__simulator_words "$command :")
        end
        string join \n -- $found
    end
end
complete -c simulator -a '(__simulator_complete)'
